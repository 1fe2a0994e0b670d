import type { FieldsyncApi } from '@fieldsync/client'
import { type DeviceRecord, MAX_PAGE_SIZE } from '@fieldsync/contracts'

/** One device of the list, which is in the order of their ids; null where there is none. */
export async function findDevice(
  api: FieldsyncApi,
  deviceId: string,
  signal: AbortSignal,
): Promise<DeviceRecord | null> {
  let cursor: string | undefined
  do {
    const page = await api.devices.list.query(
      { limit: MAX_PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
      { signal },
    )
    const found = page.items.find((device) => device.deviceId === deviceId)
    if (found !== undefined) return found
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return null
}
