// Reads lines, each a JSON array of commands, and answers each with one line, the array of the answers:
//   {"parse": TEXT, "file": NAME}   a workflow → {"errors": [...], "conditions": {"JOB": "...", "JOB/STEP": "..."}}
//   {"action": TEXT, "file": NAME}  an action → the same
//   {"read": TEXT, "file": NAME, "kind": "workflow" | "action"}
//                                   → {"errors": [...], "document": ...}: the file as a tree, in which {"expression": TEXT}
//                                     stands for what is evaluated, and each job and step has its whole condition
//   {"evaluate": EXPRESSION, "contexts": {...}, "status": "success" | "failure" | "cancelled"}
//                                   → {"value": ...} or {"error": "..."}
import { createInterface } from "node:readline";
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { truthy } from "@actions/expressions/result";
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { convertActionTemplate, parseAction } from "@actions/workflow-parser/actions/index";
import { ErrorPolicy } from "@actions/workflow-parser/model/convert";
import { isBasicExpression, isMapping, isSequence } from "@actions/workflow-parser/templates/tokens/type-guards";

const POLICY = { errorPolicy: ErrorPolicy.TryConversion };

function statusFunctions(status) {
  const answers = {
    success: status === "success",
    failure: status === "failure",
    cancelled: status === "cancelled",
    always: true,
  };
  return Object.entries(answers).map(([name, answer]) => ({
    name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(answer),
  }));
}

function errorsOf(context) {
  return context.errors.getErrors().map((error) => error.message);
}

function conditionsOf(prefix, steps, found) {
  steps.forEach((step, index) => {
    found[`${prefix}${step.name?.toString() || step.id || index + 1}`] = step.if?.expression ?? null;
  });
}

async function parsed({ parse, file }) {
  const { context, value } = parseWorkflow({ name: file, content: parse }, new NoOperationTraceWriter());
  if (value === undefined) return { errors: errorsOf(context), conditions: {} };
  const template = await convertWorkflowTemplate(context, value, undefined, POLICY);
  const conditions = {};
  for (const job of template.jobs) {
    conditions[job.id.value] = job.if?.expression ?? null;
    conditionsOf(`${job.id.value}/`, job.steps ?? [], conditions);
  }
  return { errors: [...errorsOf(context), ...(template.errors ?? []).map((error) => error.Message)], conditions };
}

function parsedAction({ action, file }) {
  const { context, value } = parseAction({ name: file, content: action }, new NoOperationTraceWriter());
  if (value === undefined) return { errors: errorsOf(context), conditions: {} };
  const template = convertActionTemplate(context, value, POLICY);
  const conditions = {};
  conditionsOf("", template.runs.steps, conditions);
  return { errors: errorsOf(context), conditions };
}

function tree(token) {
  if (isMapping(token)) return Object.fromEntries([...token].map(({ key, value }) => [key.toString(), tree(value)]));
  if (isSequence(token)) return [...token].map(tree);
  if (isBasicExpression(token)) return { expression: token.expression };
  return token.isLiteral && "value" in token ? token.value : null;
}

function withConditions(raw, converted) {
  raw.forEach((step, index) => { step.if = { expression: converted[index].if?.expression ?? "success()" }; });
}

async function read({ read: content, file, kind }) {
  const isAction = kind === "action";
  const parse = isAction ? parseAction : parseWorkflow;
  const { context, value } = parse({ name: file, content }, new NoOperationTraceWriter());
  if (value === undefined || errorsOf(context).length) return { errors: errorsOf(context), document: null };
  const document = tree(value);
  if (isAction) {
    withConditions(document.runs.steps, convertActionTemplate(context, value, POLICY).runs.steps);
  } else {
    const template = await convertWorkflowTemplate(context, value, undefined, POLICY);
    for (const job of template.jobs) {
      const raw = document.jobs[job.id.value];
      raw.if = { expression: job.if?.expression ?? "success()" };
      withConditions(raw.steps ?? [], job.steps ?? []);
    }
  }
  return { errors: errorsOf(context), document };
}

function evaluated({ evaluate, contexts, status }) {
  try {
    const functions = statusFunctions(status ?? "success");
    const tokens = new Lexer(evaluate).lex().tokens;
    const expression = new Parser(tokens, Object.keys(contexts), functions).parse();
    const known = new Map(functions.map((each) => [each.name, each]));
    const given = JSON.parse(JSON.stringify(contexts), data.reviver);
    const result = new Evaluator(expression, given, known).evaluate();
    return { value: JSON.parse(JSON.stringify(result, data.replacer)), truthy: truthy(result) };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

async function answer(command) {
  if ("parse" in command) return parsed(command);
  if ("action" in command) return parsedAction(command);
  return "read" in command ? read(command) : evaluated(command);
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    const answers = [];
    for (const command of JSON.parse(line)) answers.push(await answer(command));
    process.stdout.write(`${JSON.stringify(answers)}\n`);
  }
}

main();
