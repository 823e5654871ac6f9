-- Creates accounts, same as the seed does, for the people in the setting noninterference.people:
-- [{account, email}, …]. All have the password in the setting noninterference.password.
insert into auth.users (
    id, aud, role, email, encrypted_password, raw_app_meta_data, raw_user_meta_data,
    confirmation_token, recovery_token, email_change, email_change_token_new, email_confirmed_at,
    created_at, updated_at
)
select
    p.account, 'authenticated', 'authenticated', p.email,
    extensions.crypt(
        current_setting('noninterference.password'), extensions.gen_salt('bf', 4)
    ),
    '{"provider": "email", "providers": ["email"]}', '{}', '', '', '', '', now(), now(), now()
from jsonb_to_recordset(current_setting('noninterference.people')::jsonb) p (account uuid, email text)
on conflict do nothing;

insert into auth.identities (
    id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at
)
select
    p.account, 'email', p.account::text, p.account,
    jsonb_build_object('sub', p.account, 'email', p.email, 'email_verified', true),
    now(), now(), now()
from jsonb_to_recordset(current_setting('noninterference.people')::jsonb) p (account uuid, email text)
on conflict do nothing;

-- Hosted Supabase finds accounts by instance_id. The embedded stack has no such column.
do $$
begin
    if exists (
        select
        from information_schema.columns
        where table_schema = 'auth' and table_name = 'users' and column_name = 'instance_id'
    )
    then
        update auth.users
        set instance_id = '00000000-0000-0000-0000-000000000000'
        where id::text like '12000000-%' and instance_id is null;
    end if;
end
$$;
