import { WorkspaceId } from '@fieldsync/contracts'
import { type Checkpoint, checkpointOrigin } from '@fieldsync/domain'
import {
  acknowledgeLostBranch,
  type AdminContext,
  type AuditVerdict,
  Checkpoints,
  listWorkspaces,
  NoteSigner,
  readSignedCheckpoints,
  reportedCheckpoints,
  storedCheckpoints,
  systemContext,
  verifyAudit,
} from '@fieldsync/services'
import type { Command } from 'commander'

import { readNotes } from '../../checkpoints/checkpoint-folder.ts'
import { checkpointKeys, checkpointStores } from '../../checkpoints/checkpoint-stores.ts'
import { readDatabaseEnv } from '../../env/database-env.ts'
import { existingCheckpointKey } from '../../secrets/secrets.ts'
import { workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { counted, table } from '../table.ts'
import { addAuditExport } from './audit-export-command.ts'
import { addAuditPrune } from './audit-prune-command.ts'

type VerifyOptions = { witness?: string; key: string[] }

/** `audit verify|export|prune|checkpoint|key|acknowledge` */
export function addAuditCommands(program: Command, cli: Cli): void {
  const group = program.command('audit').description('the audit: one hash chain per workspace')
  const needs = { newDatabase: false, pepper: false }
  group
    .command('verify')
    .description('recompute the chain of one workspace or of all; exit code 1 when one is broken')
    .addArgument(workspaceArgument().argOptional())
    .option('--witness <path>', 'compare with the checkpoints in a file or folder, beside the server’s own')
    .option(
      '--key <key>',
      'public key of an earlier CHECKPOINT_KEY, as `audit key` printed it; may be repeated',
      (key: string, keys: string[]) => [...keys, key],
      [],
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  ${COMMAND} audit verify ws_ridge\n  ${COMMAND} audit verify --witness /mnt/checkpoints`,
    )
    .action((workspaceId: WorkspaceId | undefined, { witness, key }: VerifyOptions) =>
      cli.run(needs, async (admin) => {
        const keys = [...key, ...(await ownKeys(cli))]
        const notes = witness === undefined ? [] : readSignedCheckpoints(await readNotes(witness), keys)
        const chains = await chainsOf(admin, workspaceId)
        const found = []
        for (const chain of chains) {
          const onProgress = (rows: number) => cli.progress(`${chain.workspaceId}: ${counted(rows, 'row')}`)
          const reported = await reportedCheckpoints(admin, chain.workspaceId, keys)
          const witnesses = [
            ...reported.flatMap(({ checkpoint }) => checkpoint ?? []),
            ...(await allStored(cli, chain.origin, keys)),
            ...notes.filter(({ origin }) => origin === chain.origin),
          ]
          found.push({
            workspaceId: chain.workspaceId,
            ...(await verifyAudit({
              ctx: await systemContext(admin, chain.workspaceId),
              input: { onProgress, witnesses },
            })),
          })
        }
        cli.progress('')
        const foreign = notes.filter(({ origin }) => chains.every((chain) => chain.origin !== origin))
        const rows = found.map((verdict) => [
          verdict.workspaceId,
          verdict.ok ? 'intact' : 'BROKEN',
          String(verdict.rows),
          noteOf(verdict),
        ])
        return {
          json: found,
          text:
            found.length === 0
              ? 'There are no workspaces yet, so there is nothing to verify.'
              : `${table(['workspace', 'chain', 'rows checked', 'note'], rows)}${foreignText(foreign)}`,
          exitCode: found.every((verdict) => verdict.ok) ? EXIT.done : EXIT.failed,
        }
      }),
    )
  addAuditExport(group, cli)
  addAuditPrune(group, cli, async (admin, workspaceId) => {
    const [chain] = await chainsOf(admin, workspaceId)
    return await allStored(cli, chain?.origin ?? '', await ownKeys(cli))
  })
  group
    .command('checkpoint')
    .description('write a signed checkpoint of every chain that has grown; exit code 1 when one is broken')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} audit checkpoint`)
    .action(() =>
      cli.run(needs, async (admin) => {
        const signer = new NoteSigner(await existingCheckpointKey(readDatabaseEnv(cli.environment)))
        const stores = checkpointStores(readDatabaseEnv(cli.environment))
        const { written, problems, failures } = await new Checkpoints(admin, signer, stores).write()
        const { folder } = readDatabaseEnv(cli.environment).checkpoints
        return {
          json: { written, folder, problems, failures },
          text: [
            `Wrote ${counted(written, 'checkpoint')} to ${stores.map(({ name }) => name).join(' and ')}.`,
            ...failures.map(({ store, reason }) => `FAILED ${store}: ${reason}`),
            ...problems.map(({ workspaceId, reason }) => `BROKEN ${workspaceId}: ${reason}`),
          ].join('\n'),
          exitCode: problems.length + failures.length === 0 ? EXIT.done : EXIT.failed,
        }
      }),
    )
  group
    .command('key')
    .description('print the public key of the checkpoints, with which anyone can verify them')
    .option('--json', 'print JSON')
    .action(async () => {
      const key = new NoteSigner(await existingCheckpointKey(readDatabaseEnv(cli.environment))).verifierKey
      cli.print({ json: { key }, text: key })
    })
  group
    .command('acknowledge')
    .description('acknowledge checkpoints of rows that a restore from a backup has lost')
    .addArgument(workspaceArgument())
    .requiredOption('--reason <text>', 'what happened, for the audit')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} audit acknowledge ws_ridge --reason "Disk failed; restored the backup of 7:00"`,
    )
    .action((workspaceId: WorkspaceId, { reason }: { reason: string }) =>
      cli.run(needs, async (admin) => {
        await systemContext(admin, workspaceId)
        const [chain] = await chainsOf(admin, workspaceId)
        const keys = await ownKeys(cli)
        const reported = await reportedCheckpoints(admin, workspaceId, keys)
        const checkpoints = [
          ...reported.flatMap(({ checkpoint }) => checkpoint ?? []),
          ...(await allStored(cli, chain?.origin ?? '', keys)),
        ]
        const lost = await acknowledgeLostBranch({
          ctx: admin,
          input: { workspaceId, checkpoints, reason },
        })
        const rows = lost.map(({ seq }) => seq)
        return {
          json: { workspaceId, lost },
          text:
            rows.length === 0
              ? `No checkpoint contradicts the chain of ${workspaceId}: there is nothing to acknowledge.`
              : `Acknowledged the loss of ${counted(rows.length, 'checkpoint')} of ${workspaceId} (rows ${rows.join(', ')}).`,
        }
      }),
    )
}

/** What all stores keep of a chain. @throws Error where one fails: what it keeps might be what shows the damage */
async function allStored(cli: Cli, origin: string, keys: readonly string[]): Promise<Checkpoint[]> {
  const found: Checkpoint[] = []
  for (const store of checkpointStores(readDatabaseEnv(cli.environment)))
    found.push(...(await storedCheckpoints(store, origin, keys)))
  return found
}

/** The public keys of this server's checkpoints, earlier ones too; none before its first start. */
async function ownKeys(cli: Cli): Promise<string[]> {
  const env = readDatabaseEnv(cli.environment)
  return checkpointKeys(env, await existingCheckpointKey(env).catch(() => undefined))
}

async function chainsOf(
  ctx: AdminContext,
  workspaceId: WorkspaceId | undefined,
): Promise<{ workspaceId: WorkspaceId; origin: string }[]> {
  if (workspaceId !== undefined) await systemContext(ctx, workspaceId)
  const all = await listWorkspaces({ ctx })
  return all
    .filter((each) => workspaceId === undefined || each.workspaceId === workspaceId)
    .map((each) => ({
      workspaceId: WorkspaceId.parse(each.workspaceId),
      origin: checkpointOrigin(each.workspaceId, each.workspaceUid),
    }))
}

function noteOf(verdict: AuditVerdict): string {
  if (!verdict.ok) return verdict.reason
  const { agree = 0, lost = 0 } = verdict.witnesses ?? {}
  const lostText = lost === 0 ? '' : `; ${counted(lost, 'checkpoint')} of an acknowledged loss`
  const witnessText =
    agree + lost === 0
      ? 'no checkpoint to compare with'
      : `agrees with ${counted(agree, 'checkpoint')}${lostText}`
  const { checked = 0, erased = 0 } = verdict.commitments ?? {}
  return checked + erased === 0
    ? witnessText
    : `${witnessText}; of ${counted(checked + erased, 'name or address', 'names and addresses')} ${checked} checked, ${erased} erased`
}

function foreignText(foreign: readonly Checkpoint[]): string {
  if (foreign.length === 0) return ''
  const origins = [...new Set(foreign.map(({ origin }) => origin))]
  return `\n\nOf other chains, and not compared: ${origins.join(', ')}`
}
