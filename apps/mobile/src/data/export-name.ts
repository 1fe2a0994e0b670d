/** The file name of an export of today. @param of a device, or what else is in it */
export const exportName = (of: string): string =>
  `fieldsync-${of}-${new Date().toISOString().slice(0, 10)}.json`
