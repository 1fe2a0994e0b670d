const isOurs = (name) => name.startsWith('@fieldsync/')

export const hooks = {
  /**
   * The manifest in a tarball: without what only this workspace needs, and with ranges in place of the exact versions that
   * are tested here, so that an app has one copy of a library that it uses itself.
   */
  beforePacking({ devDependencies: _tests, scripts: _commands, dependencies = {}, ...manifest }) {
    const ranges = Object.entries(dependencies).map(([name, version]) => [
      name,
      isOurs(name) || !/^\d/.test(version) ? version : `^${version}`,
    ])
    return { ...manifest, dependencies: Object.fromEntries(ranges) }
  },
}
