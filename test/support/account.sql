-- Creates an account and a session, same as a sign-up with the email $1 and the password $2, except
-- that the password's hash is a cheap one.
-- The local API stores JSON as a string inside JSON, so this statement does the same.
with account as (
    insert into auth.users (
        id, aud, role, email, encrypted_password, email_confirmed_at, last_sign_in_at,
        raw_app_meta_data, raw_user_meta_data
    )
    select
        a.id, 'authenticated', 'authenticated', $1::text,
        extensions.crypt($2::text, extensions.gen_salt('bf', 4)), now(), now(),
        to_jsonb('{"provider":"email","providers":["email"]}'::text),
        to_jsonb(format(
            '{"email":"%s","email_verified":true,"phone_verified":false,"sub":"%s"}', $1, a.id
        ))
    from (select private.uuid_v7() as id) a
    returning id
),
identity as (
    insert into auth.identities (id, provider, provider_id, user_id, identity_data, last_sign_in_at)
    select
        private.uuid_v7(), 'email', a.id::text, a.id,
        to_jsonb(format(
            '{"email":"%s","email_verified":false,"phone_verified":false,"sub":"%s"}', $1, a.id
        )),
        now()
    from account a
),
session as (
    insert into auth.sessions (id, user_id, aal)
    select private.uuid_v7(), a.id, 'aal1' from account a
    returning id, user_id
)
select s.user_id as account, s.id as session from session s
