/** The file name of an export. */
export const exportName = (deviceId: string): string =>
  `fieldsync-${deviceId}-${new Date().toISOString().slice(0, 10)}.json`
