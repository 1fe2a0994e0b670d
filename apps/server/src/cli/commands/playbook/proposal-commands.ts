import { ProposalId, ProposalState, RequiredText, type WorkspaceId } from '@fieldsync/contracts'
import { approveProposal, listProposals, rejectProposal, systemContext } from '@fieldsync/services'
import { Argument, type Command, Option } from 'commander'

import { parserOf, workspaceArgument } from '../../arguments.ts'
import { type Cli, COMMAND } from '../../cli.ts'
import { shownInstant, table } from '../../table.ts'

/** `playbook proposals`, `playbook approve` and `playbook reject` */
export function addProposalCommands(group: Command, cli: Cli): void {
  group
    .command('proposals')
    .description('list changes that wait for a second person, the newest first')
    .addArgument(workspaceArgument())
    .addOption(new Option('--state <state>', 'which ones').choices(ProposalState.options).default('open'))
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} playbook proposals ws_ridge`)
    .action((workspaceId: WorkspaceId, { state }: { state: ProposalState }) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const { items } = await listProposals({ ctx, input: { state, limit: 200 } })
        const found = items.toJSON()
        if (found.length === 0) return { json: found, text: `No proposal in ${workspaceId} is ${state}.` }
        const rows = found.map((each) => [
          each.proposalId,
          each.playbookId,
          each.stale ? `${each.kind} (stale)` : each.kind,
          each.proposedBy ?? 'the operator',
          shownInstant(each.proposedAt),
          each.reason,
        ])
        return { json: found, text: table(['proposal', 'playbook', 'kind', 'by', 'at', 'why'], rows) }
      }),
    )
  group
    .command('approve')
    .description('approve a proposal, which makes it the active version')
    .addArgument(workspaceArgument())
    .addArgument(proposalArgument())
    .addOption(new Option('--reason <text>', 'why').argParser(parserOf(RequiredText)))
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} playbook approve ws_ridge prp_12`)
    .action((workspaceId: WorkspaceId, proposalId: ProposalId, { reason }: { reason?: string }) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const approved = (await approveProposal({ ctx, input: { proposalId, reason } })).document.toJSON()
        const text = `Approved ${proposalId}: version ${approved.newVersion} of ${approved.playbookId} is active.`
        return { json: { workspaceId, ...approved }, text }
      }),
    )
  group
    .command('reject')
    .description('reject a proposal, with a reason')
    .addArgument(workspaceArgument())
    .addArgument(proposalArgument())
    .addOption(new Option('--reason <text>', 'why').argParser(parserOf(RequiredText)).makeOptionMandatory())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} playbook reject ws_ridge prp_12 --reason "Not this season"`,
    )
    .action((workspaceId: WorkspaceId, proposalId: ProposalId, { reason }: { reason: string }) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const rejected = (await rejectProposal({ ctx, input: { proposalId, reason } })).document.toJSON()
        return { json: { workspaceId, ...rejected }, text: `Rejected ${proposalId}.` }
      }),
    )
}

const proposalArgument = () =>
  new Argument('<proposal>', 'proposal id, such as prp_12').argParser(parserOf(ProposalId))
