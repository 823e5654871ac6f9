-- The schemas of hosted Supabase, with their owners.
create schema auth authorization supabase_auth_admin;
create schema extensions authorization postgres;
