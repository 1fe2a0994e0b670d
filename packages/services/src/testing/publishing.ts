import {
  type CreatePlaybookInput,
  Playbook,
  PlaybookContent,
  PlaybookId,
  type Proposal,
  type PublishedVersion,
} from '@fieldsync/contracts'
import { altered, playbook } from '@fieldsync/testkit'

import {
  createPlaybook,
  publishPlaybookVersion,
  retirePlaybook,
  rollBackPlaybook,
} from '../playbooks/publish.ts'
import { changeSettings } from '../workspaces/change-settings.ts'
import type { TestDevice } from './test-workspace.ts'

export const STARTER = PlaybookId.parse('pbk_yolo_grape')
export const INSTRUCTIONS = '/rules/rule_pm_moderate/action/instructions'

/** What is published of a playbook; by default the starter with other instructions. */
export const content = (
  instructions = 'Wait for the wind.',
  playbookId: string = STARTER,
): CreatePlaybookInput['document'] =>
  PlaybookContent.parse(altered(playbook({ playbookId }), INSTRUCTIONS, instructions))

/** The publishing verbs as one caller. */
export class Publisher {
  readonly caller: TestDevice

  constructor(caller: TestDevice) {
    this.caller = caller
  }

  async create(document = content('New.', 'pbk_new'), key?: string): Promise<PublishedVersion | Proposal> {
    const input = { document, reason: 'For the new block' }
    return (await createPlaybook({ ctx: this.caller.ctx(key), input })).document.toJSON()
  }

  async publish(
    baseVersion: number,
    document = content(),
    key?: string,
  ): Promise<PublishedVersion | Proposal> {
    const input = { playbookId: document.playbookId, baseVersion, document, reason: 'As agreed' }
    return (await publishPlaybookVersion({ ctx: this.caller.ctx(key), input })).document.toJSON()
  }

  async rollBack(baseVersion: number, toVersion: number): Promise<PublishedVersion | Proposal> {
    const input = { playbookId: STARTER, baseVersion, toVersion, reason: 'It was better before' }
    return (await rollBackPlaybook({ ctx: this.caller.ctx(), input })).document.toJSON()
  }

  async retire(baseVersion: number): Promise<PublishedVersion | Proposal> {
    const input = { playbookId: STARTER, baseVersion, reason: 'The block was pulled out' }
    return (await retirePlaybook({ ctx: this.caller.ctx(), input })).document.toJSON()
  }
}

/** The same caller as a person. */
export const asPerson = (device: TestDevice): TestDevice => device.as({ ...device.actor, kind: 'user' })

/** Lets changes of playbooks take two persons, or one again. */
export async function setFourEyes(admin: TestDevice, baseVersion: number, fourEyes = true): Promise<void> {
  await changeSettings({ ctx: admin.ctx(), input: { baseVersion, fourEyes } })
}

/** The playbooks that a full pull shows, by id. */
export async function pulledPlaybooks(device: TestDevice): Promise<Map<string, Playbook>> {
  const { downstream } = await device.pull()
  return new Map((downstream.playbooks ?? []).map((each) => [each.playbookId, Playbook.parse(each)]))
}
