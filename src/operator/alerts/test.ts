import { setSwitch } from '../../alerts/switches.ts';
import { DeliveryError } from '../../alerts/transport.ts';
import { UsageError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { stateTable } from '../../store/state/state-rows.ts';
import { exit, type CliConnection, type CliContext } from '../cli-context.ts';

/** What `ronda alerts test` does. */
export async function test(
  cli: CliContext,
  connection: CliConnection,
  name: string,
  json: boolean,
): Promise<void> {
  const { stdout, exitWith } = cli;
  const { store, clock } = connection;
  const transports = await cli.transportsOf(connection);
  const transport = transports.find((one) => one.name === name);
  if (transport === undefined) {
    const known = transports.map((one) => one.name).join(', ') || 'none';
    throw new UsageError(`${name} is not set up. These are: ${known}`);
  }
  const print = (taken: boolean, answer: string): void => {
    stdout.write(
      json
        ? `${JSON.stringify({ transport: name, taken, answer })}\n`
        : `${name} ${taken ? 'took the test alert' : 'did not take the test alert'}: ${printable(answer)}\n`,
    );
  };
  try {
    const answer = await transport.test();
    if (transport.address !== undefined) await setSwitch(stateTable(store), transport, null, clock);
    print(true, answer);
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    print(false, error.advice ?? error.message);
    exitWith(exit.wrong);
  }
}
