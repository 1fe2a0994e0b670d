import type { WorkspaceId } from '@fieldsync/contracts'
import { listJobs, retryJobs, systemContext } from '@fieldsync/services'
import { type Command, Option } from 'commander'

import { workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { counted, shownInstant, shownText, table } from '../table.ts'

const SHOWN = 200

/** `jobs list`, `jobs retry` */
export function addJobCommands(program: Command, cli: Cli): void {
  const group = program.command('jobs').description('background jobs: what the servers still have to do')
  group
    .command('list')
    .description(`list the first ${SHOWN} jobs that are not done yet, of all workspaces`)
    .addOption(new Option('--workspace <id>', 'only those of one workspace'))
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} jobs list --workspace ws_ridge`)
    .action(({ workspace }: { workspace?: string }) =>
      cli.run({ newDatabase: false, pepper: false }, async (ctx) => {
        const jobs = await listJobs({ ctx, input: { workspaceId: workspace, limit: SHOWN } })
        const rows = jobs.map((job) => [
          job.id,
          job.state,
          job.task,
          workspaceOf(job.payload),
          `${job.attempts} of ${job.maxAttempts}`,
          shownInstant(job.dueAt.toISOString()),
          job.lastError ?? '-',
        ])
        return {
          json: jobs,
          text:
            jobs.length === 0
              ? 'No job waits.'
              : table(
                  ['job', 'state', 'task', 'workspace', 'attempts', 'due', 'last error'],
                  rows.map((row) => row.map(shownText)),
                ),
        }
      }),
    )
  group
    .command('retry')
    .description('make jobs of a workspace that have failed due at once: one, or all')
    .addArgument(workspaceArgument())
    .argument('[job]', 'its id, as `jobs list` prints it')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} jobs retry ws_ridge 17`)
    .action((workspaceId: WorkspaceId, jobId: string | undefined) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const retried = await retryJobs({ ctx, input: { jobId } })
        return { json: { retried }, text: `${counted(retried.length, 'job')} will be tried again.` }
      }),
    )
}

const workspaceOf = ({ workspaceId }: Readonly<Record<string, unknown>>): string =>
  typeof workspaceId === 'string' ? workspaceId : '-'
