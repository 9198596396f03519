import * as zod from "zod";
import * as quiver from "../../shared/contract/index.ts";
import * as kernels from "../../shared/kernels/index.ts";
import { startChild } from "./control.ts";
import { handleMessage } from "./handle-message.ts";
import { rehearse } from "./rehearse.ts";

// The entry point of every function's process. What an author's module imports is loaded here, while the child is
// idle.
void startChild(handleMessage, { quiver, "quiver/kernels": kernels, zod }, rehearse);
