import { createContext } from "react";
import type { Answer } from "../../api/client";

export type RuleFault = Answer<"POST /api/v1/segments/size">["faults"][number];

/** What the server says is wrong with the rule, each with its place. */
export const FaultsContext = createContext<readonly RuleFault[]>([]);
