import { MAX_NOTICE_BYTES } from '@fieldsync/db'

const KIND = 'changed'

/** What one server tells the others: these workspaces have something new. */
export type ChangeNotice = { sender: string; tags: readonly string[] }

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
