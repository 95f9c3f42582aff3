// Reads a JSON array of commands from standard input and writes the array of their answers:
//   {"parse": TEXT, "file": NAME}   a workflow → {"errors": [...], "conditions": {"JOB": "...", "JOB/STEP": "..."}}
//   {"action": TEXT, "file": NAME}  an action → the same
//   {"evaluate": EXPRESSION, "contexts": {...}, "status": "success" | "failure" | "cancelled"}
//                                   → {"value": ...} or {"error": "..."}
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { truthy } from "@actions/expressions/result";
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { convertActionTemplate, parseAction } from "@actions/workflow-parser/actions/index";
import { ErrorPolicy } from "@actions/workflow-parser/model/convert";

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

async function main() {
  let input = "";
  for await (const chunk of process.stdin) input += chunk;
  const answers = [];
  for (const command of JSON.parse(input)) {
    if ("parse" in command) answers.push(await parsed(command));
    else if ("action" in command) answers.push(parsedAction(command));
    else answers.push(evaluated(command));
  }
  process.stdout.write(JSON.stringify(answers));
}

main();
