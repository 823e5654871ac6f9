import { assistant } from "../../scripts/contract/assistant/index.ts";
import { describeAccess } from "../support/access.ts";

describeAccess(assistant);
