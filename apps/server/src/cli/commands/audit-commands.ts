import { WorkspaceId } from '@fieldsync/contracts'
import {
  type AdminContext,
  type AuditVerdict,
  listWorkspaces,
  systemContext,
  verifyAudit,
} from '@fieldsync/services'
import type { Command } from 'commander'

import { workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { counted, table } from '../table.ts'

/** `audit verify` */
export function addAuditCommands(program: Command, cli: Cli): void {
  const group = program.command('audit').description('the audit: one hash chain per workspace')
  group
    .command('verify')
    .description('recompute the chain of one workspace or of all; exit code 1 when one is broken')
    .addArgument(workspaceArgument().argOptional())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} audit verify ws_ridge`)
    .action((workspaceId: WorkspaceId | undefined) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const found = []
        for (const id of workspaceId === undefined ? await allWorkspaces(admin) : [workspaceId]) {
          const onProgress = (rows: number) => cli.progress(`${id}: ${counted(rows, 'row')}`)
          found.push({
            workspaceId: id,
            ...(await verifyAudit({ ctx: await systemContext(admin, id), input: { onProgress } })),
          })
        }
        cli.progress('')
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
              : table(['workspace', 'chain', 'rows checked', 'note'], rows),
          exitCode: found.every((verdict) => verdict.ok) ? EXIT.done : EXIT.failed,
        }
      }),
    )
}

async function allWorkspaces(ctx: AdminContext): Promise<WorkspaceId[]> {
  return (await listWorkspaces({ ctx })).map(({ workspaceId }) => WorkspaceId.parse(workspaceId))
}

function noteOf(verdict: AuditVerdict): string {
  return verdict.ok ? '' : verdict.reason
}
