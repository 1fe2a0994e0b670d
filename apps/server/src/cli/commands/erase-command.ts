import { EraseObservationsInput, PersonId, type WorkspaceId } from '@fieldsync/contracts'
import { erasePerson, systemContext } from '@fieldsync/services'
import { type Command, InvalidArgumentError } from 'commander'

import { checkpointKeys } from '../../checkpoints/checkpoint-stores.ts'
import { readDatabaseEnv } from '../../env/database-env.ts'
import { eraseAll, type Erased, repeatErasures } from '../../erasure/repeat-erasures.ts'
import { existingCheckpointKey } from '../../secrets/secrets.ts'
import { workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { counted } from '../table.ts'

/** `erase observations|person|repeat` */
export function addEraseCommands(program: Command, cli: Cli): void {
  const group = program
    .command('erase')
    .description('erase observations or people for good; it cannot be undone')
  const needs = { newDatabase: false, pepper: false }
  group
    .command('observations')
    .description(
      'erase observations with their history, and the recommendations on them; devices delete them too',
    )
    .addArgument(workspaceArgument())
    .argument('<ids...>', 'ids of the observations', (id: string, ids: string[] | undefined) => [
      ...(ids ?? []),
      observationId(id),
    ])
    .requiredOption('--reason <text>', 'why, for the audit; it stays, so it names nobody')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} erase observations ws_ridge obs_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9C --reason "Request of 12 March"`,
    )
    .action((workspaceId: WorkspaceId, ids: string[], { reason }: { reason: string }) =>
      cli.run(needs, async (admin) =>
        outcomeOf(workspaceId, await eraseAll(admin, { workspaceId, ids, reason })),
      ),
    )
  group
    .command('person')
    .description(
      'erase who a person is, in all their workspaces: name, address, sessions, and how they sign in',
    )
    .argument('<personId>', 'as `user list --json` shows it', personIdOf)
    .requiredOption('--reason <text>', 'why, for the audit; it stays, so it names nobody')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} erase person usr_01kh7xq4tne5gz3v8w2m6ryb9c --reason "Request of 12 March"`,
    )
    .action((personId: PersonId, { reason }: { reason: string }) =>
      cli.run(needs, async (admin) => {
        const erased = await erasePerson({ ctx: admin, input: { personId, reason } })
        return {
          json: erased,
          text: `Erased ${personId}. Their access to ${counted(erased.workspaces.length, 'workspace')} has ended.`,
        }
      }),
    )
  group
    .command('repeat')
    .description(
      'erase again what a restore from a backup has brought back, by the notes beside the checkpoints',
    )
    .addArgument(workspaceArgument())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} erase repeat ws_ridge`)
    .action((workspaceId: WorkspaceId) =>
      cli.run(needs, async (admin) => {
        await systemContext(admin, workspaceId)
        const env = readDatabaseEnv(cli.environment)
        const keys = checkpointKeys(env, await existingCheckpointKey(env))
        const { erased: again, people, refused } = await repeatErasures(admin, { env, keys, workspaceId })
        const erased = outcomeOf(workspaceId, again)
        return {
          json: { ...erased.json, people, refused },
          text: [
            erased.text,
            ...people.map((id) => `Erased ${id}, in all their workspaces.`),
            ...refused.map(
              ({ personId, reason }) => `NOT ERASED ${personId}: ${reason} Then run this again.`,
            ),
          ].join('\n'),
          exitCode: refused.length === 0 ? EXIT.done : EXIT.failed,
        }
      }),
    )
}

function personIdOf(text: string): PersonId {
  const parsed = PersonId.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('is not the id of a person.')
}

const observationId = (text: string): string => {
  const parsed = EraseObservationsInput.shape.observationIds.element.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('is not the id of an observation.')
}

const outcomeOf = (workspaceId: WorkspaceId, erased: Erased) => ({
  json: { workspaceId, ...erased },
  text:
    erased.records === 0
      ? `Nothing to erase in ${workspaceId}: all of it was erased before.`
      : `Erased ${counted(erased.records, 'record')} of ${workspaceId}, and ${counted(erased.droppedAnswers, 'stored answer')}.`,
})
