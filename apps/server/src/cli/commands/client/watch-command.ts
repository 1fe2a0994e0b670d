import type { EngineEvent } from '@fieldsync/sync-engine'
import type { Command } from 'commander'

import { type Cli, COMMAND } from '../../cli.ts'
import { countedList } from '../../table.ts'
import { describeEvent } from './describe-event.ts'
import { asOption } from './device-folder.ts'
import { onDevice } from './open-device.ts'

const waitingText = (unsent: number, conflicts: number): string =>
  countedList([
    [unsent, 'unsent write'],
    [conflicts, 'conflict'],
  ])

/** `client watch`: syncs automatically until it is interrupted, and reports what happens. */
export function addWatchCommand(group: Command, cli: Cli): void {
  group
    .command('watch')
    .description('sync automatically and print what is received, until Ctrl-C')
    .addOption(asOption())
    .option('--json', 'print each event, and the final state, as a line of JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client watch`)
    .action(({ as }: { as: string }) =>
      onDevice(cli, as, async (device) => {
        const { client } = device
        const interrupted = cli.io.untilInterrupted()
        const wiped = Promise.withResolvers<void>()
        let printed = Promise.resolve()
        const notifyAfter = async (before: Promise<void>, event: EngineEvent) => {
          await before
          const lines = cli.json ? [JSON.stringify(event)] : await describeEvent(device, event)
          for (const line of lines) cli.io.out(line)
        }
        let { pending } = client.status()
        const end = client.subscribe((event) => {
          if (event.kind === 'statusChanged') {
            // Another terminal has written to this device.
            if (event.status.pending > pending) void client.sync()
            pending = event.status.pending
            return
          }
          printed = notifyAfter(printed, event)
          if (event.kind === 'wipe' && event.wipe.step === 'done') wiped.resolve()
        })
        cli.io.err(`Watching as ${device.profile.deviceId}; press Ctrl-C to stop.`)
        client.start()
        await Promise.race([interrupted, wiped.promise])
        end()
        await client.stop()
        await printed
        const { state, pending: left, conflicts } = client.status()
        return {
          text: left + conflicts === 0 ? 'Stopped.' : `Stopped, with ${waitingText(left, conflicts)} left.`,
          json: { state, pending: left, conflicts },
          asLine: true,
        }
      }),
    )
}
