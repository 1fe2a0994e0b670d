import { DeviceId, InvitationId, PersonId } from '@fieldsync/contracts'
import { ulid } from 'ulid'

const newLetters = (): string => ulid().toLowerCase()

export const newPersonId = (): PersonId => PersonId.parse(`usr_${newLetters()}`)
export const newInvitationId = (): InvitationId => InvitationId.parse(`inv_${newLetters()}`)

/** The id by which a workspace's records name a person, the same in each of their workspaces (PEO-4). */
export const deviceIdOfPerson = (personId: string): DeviceId =>
  DeviceId.parse(`dev_web_${personId.slice('usr_'.length)}`)
