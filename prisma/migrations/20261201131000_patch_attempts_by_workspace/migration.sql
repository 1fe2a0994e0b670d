-- Becomes the primary key in the next migration, with the workspace in it, as every key of a table that is divided by workspace.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "playbook_patches_by_workspace" ON "playbook_patches" ("workspace_id", "attempt_id");
