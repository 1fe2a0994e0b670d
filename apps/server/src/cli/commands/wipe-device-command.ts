import type { DeviceId, DeviceRecord, WorkspaceId } from '@fieldsync/contracts'
import { allItems, listDevices, type ServiceContext, systemContext, wipeDevice } from '@fieldsync/services'
import type { Command } from 'commander'

import { deviceArgument, workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { ClientError } from '../client-error.ts'
import { counted, shownInstant } from '../table.ts'

type Options = { yes?: boolean }

/** `device wipe`: shows what would be lost, asks, and lets the device delete everything that it has stored (OPS-47). */
export function addWipeDeviceCommand(group: Command, cli: Cli): void {
  group
    .command('wipe')
    .description('let a device delete everything that it has stored, as after a theft, and revoke it')
    .addArgument(workspaceArgument())
    .addArgument(deviceArgument())
    .option('--yes', 'do not ask; needed where nobody can answer')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nWhat the device has not sent is lost. Until it has acknowledged the wipe, it can be called off:\n  ${COMMAND} device readmit ws_ridge dev_scout_1 --cancel-wipe\n\nExample:\n  ${COMMAND} device wipe ws_ridge dev_scout_1`,
    )
    .action((workspaceId: WorkspaceId, deviceId: DeviceId, { yes }: Options) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const before = await deviceOf(ctx, deviceId)
        if (before?.wipe === null && yes !== true) await confirm(cli, before)
        const { document } = await wipeDevice({ ctx, input: { deviceId } })
        const { requestedAt, alreadyRequested } = document.toJSON()
        const acknowledgedAt = before?.wipe?.acknowledgedAt ?? null
        const unsentDeleted = before?.wipe?.unsentDeleted ?? null
        return {
          json: { workspaceId, deviceId, requestedAt, alreadyRequested, acknowledgedAt, unsentDeleted },
          text: wipeText(deviceId, { requestedAt, alreadyRequested, acknowledgedAt, unsentDeleted }),
        }
      }),
    )
}

async function deviceOf(ctx: ServiceContext, deviceId: DeviceId): Promise<DeviceRecord | undefined> {
  const devices = await allItems((page) => listDevices({ ctx, input: page }))
  return devices.find((each) => each.deviceId === deviceId)
}

/** @throws ClientError unless a person says yes */
async function confirm({ io }: Cli, { deviceId, report }: DeviceRecord): Promise<void> {
  const unsent =
    report === null
      ? 'It has never reported how much it has not sent.'
      : `By its report of ${shownInstant(report.reportedAt)} it has ${counted(report.pending + report.conflicts + report.quarantined, 'unsent write')}, which will be lost.`
  const question = `${unsent}\nLet ${deviceId} delete everything that it has stored? [y/N] `
  if (io.ask === undefined)
    throw new ClientError('VALIDATION_ERROR', `${unsent} Add --yes to let ${deviceId} be wiped.`)
  if (!/^\s*y(es)?\s*$/i.test(await io.ask(question)))
    throw new ClientError('REFUSED', `Nothing was changed: ${deviceId} is not to be wiped.`)
}

function wipeText(
  deviceId: DeviceId,
  wipe: {
    requestedAt: string
    alreadyRequested: boolean
    acknowledgedAt: string | null
    unsentDeleted: number | null
  },
): string {
  const { requestedAt, alreadyRequested, acknowledgedAt, unsentDeleted } = wipe
  if (!alreadyRequested) return `${deviceId} is to be wiped: it deletes everything with its next call.`
  const asked = `${deviceId} is to be wiped since ${shownInstant(requestedAt)}`
  return acknowledgedAt === null
    ? `${asked}, and has not acknowledged it yet.`
    : `${deviceId} was wiped at ${shownInstant(acknowledgedAt)}; ${counted(unsentDeleted ?? 0, 'unsent write')} deleted.`
}
