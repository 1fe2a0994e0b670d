import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { type ChangeSettingsInput, DeviceId, type DeviceRole } from '@fieldsync/contracts'

import { ADMIN } from './app-world.ts'

/** What an administrator does about devices with keys. */
export function enrollments(url: string, id: string) {
  const { api } = createFieldsyncClient({ url, credentials: deviceToken(ADMIN.token) })
  const deviceId = DeviceId.parse(id)
  return {
    /** A new one-time code for the device, and the link with it. */
    open: async (role?: DeviceRole): Promise<{ link: string; code: string }> => {
      const { link, code } = await api.devices.openEnrollment.mutate({ deviceId, role })
      if (link === null || code === null) throw new Error('the first answer has no code')
      return { link, code }
    },
    /** Changes what the workspace's settings are now. */
    set: async (settings: Omit<ChangeSettingsInput, 'baseVersion'>) => {
      const { version } = await api.workspace.settings.query()
      await api.workspace.changeSettings.mutate({ baseVersion: version, ...settings })
    },
    confirm: (keyFingerprint: string) => api.devices.confirmKey.mutate({ deviceId, keyFingerprint }),
    revoke: () => api.devices.revoke.mutate({ deviceId }),
    wipe: () => api.devices.wipe.mutate({ deviceId }),
    /** How far its wipe is. */
    wiped: async () =>
      (await api.devices.list.query()).items.find((each) => each.deviceId === deviceId)?.wipe,
    /** The fingerprint of its key. */
    fingerprint: async (): Promise<string | undefined> =>
      (await api.devices.list.query()).items.find((each) => each.deviceId === deviceId)?.key?.fingerprint,
    /** The texts of its notes on the server. */
    notes: async (): Promise<string[]> =>
      (await api.observations.list.query({ deviceId })).items.map(({ rawNoteText }) => rawNoteText).sort(),
  }
}
