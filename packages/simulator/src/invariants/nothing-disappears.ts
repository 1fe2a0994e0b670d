import type { DeviceCopy } from '../state/device-copy.ts'

/**
 * ENG-41: what a device has shown once it shows later too, the record or a version that only it still has, unless the
 * server deleted it or a person gave it up; and it counts all that only it has.
 *
 * @param seen keys of what it has shown so far
 * @param givenUp keys of what the server deleted or a person gave up
 */
export function nothingDisappears(
  { device, shown, localOnly, countedLocalOnly }: DeviceCopy,
  seen: ReadonlySet<string>,
  givenUp: ReadonlySet<string>,
): string[] {
  const gone = [...seen].filter((key) => !shown.has(key) && !givenUp.has(key))
  return [
    ...gone.map((key) => `${device} no longer shows ${key}, and reported nothing`),
    ...(countedLocalOnly === localOnly.size
      ? []
      : [`${device} counts ${countedLocalOnly} records only on it, there are ${localOnly.size}`]),
  ]
}
