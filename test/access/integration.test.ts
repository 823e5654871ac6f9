import { integration } from "../../scripts/contract/integration/index.ts";
import { describeAccess } from "../support/access.ts";

describeAccess(integration);
