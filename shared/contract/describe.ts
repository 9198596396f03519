/** The runtime's side of the contract: how a child process describes a module. Authors do not need it. */
export { definitionProblem } from "./definition-problem.ts";
export { paramRefusal } from "./param-issue.ts";
export { fromJsonParams } from "./json-params.ts";
export { describeFunction, resolveFunction, type AnyDefined, type AnyDefinition } from "./resolve.ts";
export type {
  FunctionDescription,
  ParamIssue,
  Resolution,
  ResolvedColumn,
  ResolvedFunction,
  ResolvedInput,
} from "./description.ts";
