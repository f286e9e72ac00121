import type {
  AppAction,
  EndSpec,
  ObservedCase,
  PacketPattern,
  Role,
  ScriptedCase,
  SendSpec,
  Step,
  TestCase,
} from '../case/model.js';
import { FIN } from '../dissect/packet.js';
import type { Implementation } from './implementation.js';

/** Where a plain server is told to listen when the case wants nobody to listen on its port. */
export const ASIDE_PORT = 8079;

/** A program that is its own application: nothing can be asked of it but what it does by itself. */
export function isPlain({ run, server, client, 'upper-tester': upper }: Implementation, role: Role): boolean {
  const stdio = role === 'server' ? server?.stdio : client?.stdio;
  return run === 'process' && !upper && !stdio;
}

/**
 * Why an implementation without an upper tester cannot run the case (verdict `unsupported`), or undefined where what its
 * plain programs do by themselves will do.
 */
export function whyUnsupported(testCase: TestCase, implementation: Implementation): string | undefined {
  for (const role of rolesOf(testCase)) {
    if (implementation.run !== 'process' || implementation['upper-tester']) continue;
    if (!implementation[role]) return `${implementation.name} has no ${role} command`;
    if (!isPlain(implementation, role)) continue;
    const need =
      testCase.kind === 'scripted'
        ? scriptNeeds(testCase, implementation)
        : endNeeds(testCase, role, implementation);
    if (need !== undefined) return `${implementation.name} has no upper tester: ${need}`;
  }
  return undefined;
}

/** No plain server may listen on the port of the case: it is to be closed. */
export function wantsClosedPort(testCase: TestCase): boolean {
  return testCase.kind === 'scripted'
    ? testCase.iut === 'server' && testCase.start.state === 'CLOSED'
    : !testCase.server.listen;
}

function rolesOf(testCase: TestCase): Role[] {
  if (testCase.kind === 'scripted') return [testCase.iut];
  return (['client', 'server'] as const).filter((role) => testCase[role].stack === 'iut');
}

/** States in which a program that reads will find the end of its peer's stream. */
const OPEN = ['SYN-RECEIVED', 'ESTABLISHED'];
/** States that a program reaches without being asked to close. */
const REACHED_BY_ITSELF = ['CLOSED', 'LISTEN', 'SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED'];

function scriptNeeds(testCase: ScriptedCase, { server }: Implementation): string | undefined {
  const { iut, start, steps } = testCase;
  if (!REACHED_BY_ITSELF.includes(start.state)) return `${start.state} is reached by closing`;
  if (Object.keys(start.options.options).length > 0) return 'the case sets options of its socket';
  const [first] = steps.filter(({ kind }) => kind !== 'note');
  if (iut === 'client' && start.state === 'CLOSED' && !(first && isCall(first, 'connect')))
    return 'it connects by itself, and the case wants it to wait';
  for (const step of steps) {
    if (
      step.kind === 'iut' &&
      !(isCall(step, 'accept') || isCall(step, 'wait') || (step === first && isCall(step, 'connect')))
    )
      return `the case wants it to ${step.action.op}`;
    if (step.kind === 'iut' && (step.action.expect ?? Object.keys(step.action.args).length > 0))
      return `the case wants to know what came of its ${step.action.op}`;
    const hasText = step.kind === 'send' && carriesText(step.send.pattern);
    if (hasText && iut === 'server' && server?.service !== 'discard')
      return 'its echo would be in the way; a server with service: discard can run it';
    if (hasText && iut === 'client') return 'what it answers to data is not known';
    if (OPEN.includes(start.state) && step.kind === 'send' && closes(step.send))
      return 'it would close by itself when its peer does';
  }
  return undefined;
}

/** Whether the segment ends the peer's stream for a stack that is right. */
function closes({ pattern, overrides, taken }: SendSpec): boolean {
  const hasFin = ((pattern.flags?.set ?? 0) & FIN) !== 0;
  return hasFin && taken !== false && overrides['tcp.checksum'] === undefined;
}

function carriesText({ payload, fields }: PacketPattern): boolean {
  return (
    (payload?.length ?? 0) > 0 || fields.some(({ name, text }) => name === 'Len' && !/=\s*0$/.test(text))
  );
}

function isCall(step: Step, op: string): boolean {
  return step.kind === 'iut' && step.action.op === op;
}

function endNeeds(testCase: ObservedCase, role: Role, { server }: Implementation): string | undefined {
  const end = testCase[role];
  if (Object.keys(end.options).length > 0) return 'the case sets options of its socket';
  if (end.isn !== undefined || end.window !== undefined) return 'the case sets its ISN or window';
  if (role === 'client') {
    if (end.also.length > 0) return 'the case has several connections';
    if (end.port !== undefined) return 'the case chooses its port';
    if (end.giveUpMs !== undefined) return 'the case says when it gives up';
    return end.app.length === 0 ? undefined : `the case has its application ${end.app[0]!.do}`;
  }
  if (end.morePorts.length > 0 || end.backlog !== undefined || !end.accept)
    return 'the case says how it listens';
  const service = server?.service ?? 'echo';
  const other = end.app.find((action) => !servedBy(service, action));
  if (other) return `the case has its application ${other.do}`;
  const wantsEcho = end.app.length === 0 && expectsAnswer(testCase.client);
  return wantsEcho && service === 'discard' ? 'the case wants an echo' : undefined;
}

/** A plain server echoes, or discards, until the end of the stream, and then closes. */
function servedBy(service: 'echo' | 'discard', action: AppAction): boolean {
  if (action.do === 'close') return true;
  return action.do === service && (action.do !== 'echo' || action.prefix.length === 0);
}

function expectsAnswer({ app }: EndSpec): boolean {
  return app.some((action) => action.do === 'receive');
}
