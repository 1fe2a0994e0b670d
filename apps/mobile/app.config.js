/**
 * app.json, and for a build with `EXPO_PUBLIC_ENCRYPTED_STORE=1` SQLCipher in place of SQLite (STO-17). The app's code reads
 * the same variable.
 */
module.exports = ({ config }) => {
  if (process.env.EXPO_PUBLIC_ENCRYPTED_STORE !== '1') return config
  const plugins = config.plugins.map((plugin) =>
    plugin === 'expo-sqlite' ? ['expo-sqlite', { useSQLCipher: true }] : plugin,
  )
  return { ...config, plugins }
}
