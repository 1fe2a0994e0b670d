/**
 * What this adapter uses of the package `expo-sqlite` (57 or later), in that package's own words. The app hands the
 * module over, so that nothing here depends on it.
 */
export interface ExpoSqlite {
  openDatabaseAsync(
    databaseName: string,
    options?: { useNewConnection?: boolean },
    directory?: string,
  ): Promise<ExpoSqliteDatabase>
}

export interface ExpoSqliteDatabase {
  prepareAsync(source: string): Promise<ExpoSqliteStatement>
  closeAsync(): Promise<void>
}

export interface ExpoSqliteStatement {
  executeAsync(params: (string | number | null)[]): Promise<{ getAllAsync(): Promise<unknown[]> }>
  finalizeAsync(): Promise<void>
}
