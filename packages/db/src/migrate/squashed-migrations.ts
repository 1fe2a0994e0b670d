/** Migrations of earlier builds that one initial migration has replaced. */
export type Squash = {
  /** Name of the migration that creates the same tables at once. */
  readonly initial: string
  /** Name and checksum of those that it replaces, in order. */
  readonly replaced: readonly (readonly [name: string, checksum: string])[]
  /** The build, by its {@link SCHEMA_BUILD}, whose functions the last of them left in the database. */
  readonly build: number
  /** Files of that build's functions, by name and checksum. */
  readonly functions: readonly (readonly [name: string, checksum: string])[]
  /** The build that an operator has to start before this one if the database is older. */
  readonly lastBuild: string
}

/**
 * The squash of contract 1.4.0. Its values describe released databases: they do not change when prisma/migrations and
 * prisma/functions do.
 */
export const SQUASH: Squash = {
  initial: '20261130000000_initial',
  replaced: [
    ['20260301000000_tables', 'f6a772a63ca99c44c773645f4e8d9a9f283cd2cb4726aad8c94669a924019eae'],
    ['20260301000001_change_log', 'd45518bf6419cd531e6fb22e66fbde2cb526f3fdf11ae2257b9e560ecbecb492'],
    ['20261126074500_page_of_the_log', 'bf9cd89594523afa2b8d2f7bb05adc666b7dbd922a6961021d441ec3a683346a'],
    ['20261126083000_cursor_of_a_page', '91e51ec3528f8ca0eb4b545aad253872e6223aff1e6a7ec540b5047597b7d292'],
    ['20261126083031_operators_reads', 'd6e618178ffdc4dfff6acfcab3e52a1928572f1bc746a65b76246079656ceff7'],
    ['20261126160000_changes_by_the_key', '2b2a764998135ccc1ef5a59ea44511dab0fb96570ced5a759d5f555e0fbd9308'],
    ['20261129090000_workspace_uid', '1f8de453b5b829f4546f4e4187d1bd4cb3da4bf54d123fe2291da1200deb9b1b'],
    ['20261129100000_search_text', 'aa72db76ade719d2bae32f8971cc305f35ed05f041ac6d0ff9569450036a4e3c'],
  ],
  build: 1,
  functions: [
    ['10_cursor.sql', 'beeceb6a55d8a5649ecfb0eb27ae72b4630238cbce1ca5d8d17ac3334a0e8186'],
    ['20_state_hash.sql', 'b5934ce432c85cbeb8c7f94f150229b1dd65f01be56dd9fa900cab753152c96c'],
    ['30_page.sql', '1e0e9de1eab6fc4c43fefbe7f1a5afad27bb139f9bd0a1cf03ff3ee68769195b'],
    ['40_device_state.sql', '955e050ffc871ef9a14b6304a6eecfe3a09019423660e87ef82b5fbe072a8598'],
    ['50_commit.sql', 'd0617870d27eaa128f78ac99aa04ab85499ebb34c768eb477fb4a8b307a93e8f'],
    ['60_append_only.sql', '7f4dd4f46f4cafdf1cfa7a8be7bc9aaaf8417271b9031f19882edc0cdedd1369'],
  ],
  lastBuild:
    'the last build with the eight separate migrations (Fieldsync 0.1.0 with contract 1.4.0, such as commit 7149d04, whose ' +
    'newest migration is 20261129100000_search_text; see "Upgrades" in docs/operations/upgrade.md)',
}
