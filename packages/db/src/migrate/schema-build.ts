/**
 * What prisma/migrations and prisma/functions together hashed to in each build, oldest first (see schema-build.test.ts).
 * A change of either adds a line; a line that was merged is never changed or removed.
 */
export const SCHEMA_HISTORY: readonly string[] = [
  '7a4d7925d0eb20a5bdacf01c6df39a22cb11dd8e9d1a794d0c7952121524b8d3',
  '2f44b11b9f30fa25e79083a11ea68ab3f308e85e556961ddb8dfa89a424c22cc',
  '8631a4acaf798709bc3767c3274311c6edbf744c37b84108ba3ca6864237e399',
  'a0a1739e39ed64d239bfa397f9f056155b44af1bfb22c58940fa97540ea81505',
  '0cc03fb492acac58c3dc513435272b6151c7cb9485237af68000c3f6b96959b4',
  '07786800545be976330ba1ff828616080d84203bd442c5774b9160dbd7e5a085',
  '6e3cf64c5bae472bcde3f065a55a43c025aeba1efae82d4c51ea504f34de7ad6',
  '0bd3511e49071c098aab40592e91610f6dfacf7d55db60772032aa01cdddf73e',
  'c4adb7d9053e3fdf95c1eac16a0d20a3c0386b328cba1cff4c9b140f7bd01fb1',
  '3873dd233af2319a42e0ce5792fcd28404e2f1b13da0d92005f3d3768263165d',
  'bc7af3742e108ac9e5b05a1200206fbe77568a5b27e1ddfd2bfe3986ea272190',
  '37e3785faa88a5c0bd832784f72340049dfc1983d9b3989a9a9ab05de1e7c648',
  '33b8207a09bddabb12b1987a37853b6e600fda8902c4eafc60e27d7a8268ba7c',
  'ece80210faa78d6319659daad8c47a8d7cf684ed9be2aa31de7dc96a23c1d053',
  'ffc68e334c36a50b61bdf4462d5d5ba7b4595a5d9a72089c5cc180f990cdc020',
  'b09ab2e971155a759b486ae35e2dc1ded06433e628ba12af608ca581d42524ac',
  '1fc87d605158a73a3ba8df4cd0e89987a88ba0cbf8fcf5bad27f1611c6337e99',
  '829c5e1ce4e2c9091dbbdd5e61e62ed7c3f5e01a7ea404b030bffd78c66aaa32',
]

/** Number of this build: of two builds, the one with the greater number has the newer functions. */
export const SCHEMA_BUILD = SCHEMA_HISTORY.length

/**
 * The earliest build that works on a database that this build has migrated, so that servers of both may run side by side, and the
 * earlier one may start (docs/upgrading.md). Raised by a migration that removes or changes what builds before it use, to the
 * build that stopped using it. Builds before 16 start on no later database.
 */
export const LEAST_BUILD = 16
