-- Accepting an invitation does not prove its address (PEO-20): what only an invitation has said to be verified is not.
UPDATE "people" p SET "email_verified" = false
  WHERE NOT EXISTS (SELECT FROM "person_accounts" a WHERE a."person_id" = p."id" AND a."provider_id" <> 'credential');
