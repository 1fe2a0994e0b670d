import { createHmac } from 'node:crypto'

import { MAX_NOTICE_BYTES } from '@fieldsync/db'

/** A workspace as servers name it to each other: every role of a database may listen to its notices, so never by id. */
export const workspaceTag = (pepper: Buffer, workspaceId: string): string =>
  createHmac('sha256', pepper).update(`live ${workspaceId}`).digest().subarray(0, 16).toString('base64url')

const KIND = 'changed'

/** What one server sends the others: these workspaces have something new. */
type ChangeNotice = { sender: string; tags: readonly string[] }

/** A notice as texts, each short enough to be sent; most of the time one. `sender` and tags hold no white space. */
export function noticeTexts({ sender, tags }: ChangeNotice): string[] {
  const texts: string[] = []
  let text = ''
  for (const tag of tags) {
    // All ASCII, so a character is a byte.
    if (text !== '' && text.length + 1 + tag.length > MAX_NOTICE_BYTES) {
      texts.push(text)
      text = ''
    }
    text = text === '' ? `${KIND} ${sender} ${tag}` : `${text} ${tag}`
  }
  return text === '' ? texts : [...texts, text]
}

/** Undefined for what another version of the server says. */
export function readNotice(text: string): ChangeNotice | undefined {
  const [kind, sender, ...tags] = text.split(' ')
  return kind === KIND && sender !== undefined ? { sender, tags } : undefined
}
