import { File, Paths } from 'expo-file-system'
import * as Sharing from 'expo-sharing'

import type { SharedFile } from './platform.ts'

/**
 * Hands a text to another app as a file: as one long message, mail and messengers cut it or refuse it. The copy in the
 * cache is the system's to clear; a later export of the same name takes its place.
 *
 * @throws Error where the device can share nothing, or has no room for the file
 */
export async function sharePhoneFile({ name, text }: SharedFile): Promise<void> {
  const file = new File(Paths.cache, name)
  file.create({ overwrite: true })
  file.write(text)
  await Sharing.shareAsync(file.uri, { mimeType: 'application/json', UTI: 'public.json', dialogTitle: name })
}
