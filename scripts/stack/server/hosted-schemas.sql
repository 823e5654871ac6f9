-- Whose schemas those of the hosted platform are.
create schema auth authorization supabase_auth_admin;
create schema extensions authorization postgres;
