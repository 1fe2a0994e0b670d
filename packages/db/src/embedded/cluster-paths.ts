import path from 'node:path'

/** The paths of one cluster's files. The password is stored beside the data, not in a copy or dump of it. */
export function clusterPaths(dataDir: string) {
  const resolved = path.resolve(dataDir)
  return {
    dataDir: resolved,
    parentDir: path.dirname(resolved),
    passwordFile: `${resolved}.password`,
    versionFile: path.join(resolved, 'PG_VERSION'),
    pidFile: path.join(resolved, 'postmaster.pid'),
    optionsFile: path.join(resolved, 'postmaster.opts'),
    logDir: path.join(resolved, 'log'),
  }
}

export type ClusterPaths = ReturnType<typeof clusterPaths>
