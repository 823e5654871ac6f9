import { director } from "../../scripts/contract/director/index.ts";
import { describeAccess } from "../support/access.ts";

describeAccess(director);
