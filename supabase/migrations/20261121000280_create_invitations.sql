-- Invitations: an admin invites an address, or creates an open link. Everybody who has the link can
-- use it. Invited persons accept, so that nobody becomes a member without their consent. The database
-- stores only the hash of a token.
--
-- Each function in public calls the function of the same name in private, which runs with its
-- owner's rights and checks the caller's. All of them lock the tenant first.
--
-- Locks: share row exclusive on tenants and users for the foreign keys, for milliseconds.

set local lock_timeout = '5s';

create table public.invitations (
    id uuid not null default private.uuid_v7(),
    tenant_id uuid not null,
    email text,
    role text not null default 'user',
    max_uses integer not null default 1,
    uses integer not null default 0,
    invited_by uuid,
    expires_at timestamptz not null default now() + interval '7 days',
    accepted_at timestamptz,
    revoked_at timestamptz,
    last_sent_at timestamptz not null default now(),
    sent_count integer not null default 1,
    created_at timestamptz not null default now(),
    constraint invitations_pkey primary key (id, tenant_id),
    constraint invitations_tenant_id_fkey foreign key (tenant_id)
        references public.tenants (id) on delete cascade,
    constraint invitations_invited_by_fkey foreign key (invited_by, tenant_id)
        references public.users (id, tenant_id) on delete cascade,
    constraint invitations_email_is_lower_case_address_check
        check (email = lower(email) and email ~ '^[^\s@<>,;"()]+@[^\s@<>,;"()]+$'),
    constraint invitations_email_is_at_most_255_long_check check (char_length(email) <= 255),
    constraint invitations_role_is_known_check check (role in ('admin', 'user')),
    constraint invitations_max_uses_is_1_to_1000_check check (max_uses between 1 and 1000),
    constraint invitations_for_an_address_is_used_once_check check (email is null or max_uses = 1),
    constraint invitations_uses_is_0_to_max_uses_check check (uses between 0 and max_uses),
    constraint invitations_accepted_when_used_up_check
        check ((accepted_at is not null) = (uses = max_uses)),
    constraint invitations_is_not_accepted_and_revoked_check
        check (accepted_at is null or revoked_at is null),
    constraint invitations_expires_within_30_days_check
        check (expires_at > last_sent_at and expires_at <= last_sent_at + interval '720 hours'),
    constraint invitations_sent_count_is_positive_check check (sent_count > 0)
);

-- Keep no statistics on free text: PostgREST's planned counts would reveal what other tenants
-- wrote.
alter table public.invitations alter column email set statistics 0;

comment on table public.invitations is
    'Invitations to a tenant: pending until accepted, revoked, declined or expired. Admins read '
    'those of their tenant, and write through functions.';
comment on column public.invitations.email is
    'The invited address in lower case; null for an open link. A tenant has at most '
    'one pending invitation per address.';
comment on column public.invitations.role is 'The role of the new members.';
comment on column public.invitations.max_uses is 'Number of people who can accept; 1 for an address.';
comment on column public.invitations.uses is 'Number of people who have accepted.';
comment on column public.invitations.invited_by is
    'The inviter: the member (users.id) who created the invitation, or sent it last. Null for an '
    'invitation of the service role. The invitation is valid only while the inviter is an active '
    'owner or admin.';
comment on column public.invitations.expires_at is 'At most 30 days after last_sent_at.';
comment on column public.invitations.accepted_at is 'When the last use was accepted.';
comment on column public.invitations.revoked_at is
    'When an admin revoked the invitation, the invited person declined it, or another invitation '
    'replaced it after it had expired.';
comment on column public.invitations.last_sent_at is 'When the current token was made.';
comment on column public.invitations.sent_count is 'Number of tokens that were made.';

-- Keeps an address from having two pending invitations to a tenant.
create unique index idx_invitations_pending on public.invitations (tenant_id, email)
    where accepted_at is null and revoked_at is null;
create index idx_invitations_tenant_id on public.invitations (tenant_id, id);
create index idx_invitations_tenant_sent on public.invitations (tenant_id, last_sent_at desc);
create index idx_invitations_invited_by on public.invitations (invited_by, tenant_id);

alter table public.invitations enable row level security;

create table private.invitation_tokens (
    token_hash bytea not null,
    invitation_id uuid not null,
    tenant_id uuid not null,
    constraint invitation_tokens_pkey primary key (token_hash),
    constraint invitation_tokens_invitation_id_key unique (invitation_id, tenant_id),
    constraint invitation_tokens_invitation_id_fkey foreign key (invitation_id, tenant_id)
        references public.invitations (id, tenant_id) on delete cascade,
    constraint invitation_tokens_token_hash_is_sha256_check check (octet_length(token_hash) = 32)
);

comment on table private.invitation_tokens is
    'The SHA-256 hash of the current token of each invitation. The token itself is stored nowhere.';

create function private.create_token(p_tenant_id uuid, p_invitation_id uuid)
returns text
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    -- 244 random bits, from the operating system's generator.
    v_token text = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
begin
    insert into private.invitation_tokens as t (token_hash, invitation_id, tenant_id)
    values (sha256(convert_to(v_token, 'utf8')), p_invitation_id, p_tenant_id)
    on conflict (invitation_id, tenant_id) do update set token_hash = excluded.token_hash;
    return v_token;
end
$$;

comment on function private.create_token(uuid, uuid) is
    'Returns a new token of an invitation, in place of the previous one. Stores its hash.';

create function private.refuse_too_many_invitations(p_tenant_id uuid)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_limit integer = (select s.invitations_per_day from private.platform_settings s);
    v_sent bigint;
    v_first timestamptz;
begin
    select coalesce(sum(i.sent_count), 0), coalesce(min(i.last_sent_at), now())
    into v_sent, v_first
    from public.invitations i
    where i.tenant_id = p_tenant_id and i.last_sent_at > now() - interval '1 day';
    if v_sent >= v_limit then
        raise exception 'the tenant has sent too many invitations'
            using
                errcode = 'PT429',
                detail = format(
                    'Retry after %s seconds.',
                    ceil(extract(epoch from v_first + interval '1 day' - now()))
                ),
                hint = format('A tenant sends at most %s invitations in 24 hours.', v_limit);
    end if;
end
$$;

comment on function private.refuse_too_many_invitations(uuid) is
    'Fails with PT429 if the tenant has sent invitations_per_day invitations in the last 24 hours. '
    'The caller must have locked the tenant.';

create function private.confirmed_address_of_caller()
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
begin
    return (
        -- Only ASCII letters, because others could turn into an ASCII letter.
        select lower(a.email collate "C")
        from auth.users a
        where
            a.id = v_account_id
            and a.email <> ''
            and a.email_confirmed_at is not null
            and a.deleted_at is null
            and not a.is_sso_user
    );
end
$$;

comment on function private.confirmed_address_of_caller() is
    'Returns the email address of the caller''s account in lower case; null unless the account has '
    'confirmed it. Null for single sign-on, because its provider could claim any address.';

create function private.lock_tenant_of_token(p_token text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    perform
    from private.invitation_tokens t
    join public.tenants n on n.id = t.tenant_id
    where t.token_hash = sha256(convert_to(p_token, 'utf8'))
    for no key update of n;
end
$$;

comment on function private.lock_tenant_of_token(text) is
    'Locks the tenant to which a token invites. Its invitations and members change only under this '
    'lock, so the caller must read them again.';

create function private.invitation_of_token(p_token text)
returns public.invitations
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_invitation public.invitations;
begin
    select i.*
    into v_invitation
    from private.invitation_tokens t
    join public.invitations i on i.id = t.invitation_id and i.tenant_id = t.tenant_id
    join public.tenants n on n.id = i.tenant_id
    where t.token_hash = sha256(convert_to(p_token, 'utf8')) and n.is_active;
    return v_invitation;
end
$$;

comment on function private.invitation_of_token(text) is
    'Returns the invitation of this token, also an expired or revoked one. Null if the token is '
    'unknown or the tenant is inactive.';

create function private.membership_in(p_tenant_id uuid)
returns public.users
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
    v_member public.users;
begin
    select u.*
    into v_member
    from public.users u
    where u.auth_id = v_account_id and u.tenant_id = p_tenant_id and u.is_active;
    return v_member;
end
$$;

comment on function private.membership_in(uuid) is
    'Returns the active membership of the caller in a tenant, which need not be the tenant of the '
    'request; null if there is none.';

create function private.refuse_invitation(p_invitation public.invitations)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_address text = private.confirmed_address_of_caller();
    v_inviter public.users;
begin
    select u.*
    into v_inviter
    from public.users u
    where u.id = p_invitation.invited_by and u.tenant_id = p_invitation.tenant_id;
    if (
        p_invitation.accepted_at is null
        and p_invitation.revoked_at is null
        and p_invitation.expires_at > now()
        and (
            p_invitation.invited_by is null
            or (v_inviter.is_active and v_inviter.role in ('owner', 'admin'))
        )
    ) is not true
    then
        raise exception 'invitation not found'
            using
                errcode = 'no_data_found',
                hint = 'It may be used up, expired or revoked. Ask for a new one.';
    end if;
    if v_address is null then
        raise exception 'an invitation needs an account with a confirmed email address'
            using
                errcode = 'insufficient_privilege',
                hint = 'Confirm your email address. Single sign-on does not confirm it.';
    end if;
    if p_invitation.email <> v_address then
        raise exception 'the invitation is for another email address'
            using
                errcode = 'insufficient_privilege',
                hint = 'Sign in with the address to which the invitation was sent.';
    end if;
end
$$;

comment on function private.refuse_invitation(public.invitations) is
    'Refuses an invitation that the caller cannot accept. Fails with P0002 if it is null, used up, '
    'expired or revoked, or if the inviter is no longer an admin. Fails with 42501 if it is for '
    'another address, or the caller''s address is not confirmed.';

create function private.join_tenant(p_invitation public.invitations)
returns public.users
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
    v_address text = private.confirmed_address_of_caller();
    v_member public.users;
begin
    select u.*
    into v_member
    from public.users u
    where
        u.tenant_id = p_invitation.tenant_id
        and v_account_id in (u.auth_id, u.former_auth_id)
    limit 1;
    if not found then
        select u.*
        into v_member
        from public.users u
        where u.tenant_id = p_invitation.tenant_id and u.email = v_address;
    end if;
    if not found then
        insert into public.users (tenant_id, auth_id, email, role)
        values (p_invitation.tenant_id, v_account_id, v_address, p_invitation.role)
        returning * into v_member;
        return v_member;
    end if;
    if v_member.former_auth_id <> v_account_id then
        raise exception 'a former member with another account has this address'
            using
                errcode = 'insufficient_privilege',
                hint = 'Ask for an invitation to another address.';
    end if;
    if v_member.left_at is null or v_member.left_at >= p_invitation.last_sent_at then
        raise exception 'the caller is a deactivated or former member'
            using
                errcode = 'insufficient_privilege',
                hint = 'Ask an admin to activate the membership, or to send a new invitation.';
    end if;
    -- The membership counts as new, so that requests without a header keep their tenant.
    update public.users u
    set
        auth_id = v_account_id,
        former_auth_id = null,
        email = v_address,
        role = p_invitation.role,
        is_active = true,
        left_at = null,
        created_at = now()
    where u.id = v_member.id and u.tenant_id = v_member.tenant_id
    returning * into v_member;
    return v_member;
end
$$;

comment on function private.join_tenant(public.invitations) is
    'Returns the caller''s new membership in the tenant of an invitation, or the one that they had '
    'before they left. Fails with 42501 if that membership is deactivated, or ended after the '
    'invitation was sent, or if a former member with another account has the address.';

create function private.create_invitation(
    p_email text,
    p_role text,
    p_expires_in interval,
    p_max_uses integer
)
returns table (id uuid, token text)
language plpgsql
volatile
-- Definer: members cannot write invitations.
security definer
set search_path = ''
as $$
declare
    v_caller private.membership = private.lock_tenant_of_caller(array['owner', 'admin']);
    v_address text = lower(btrim(p_email));
    v_id uuid;
begin
    if (p_role in ('admin', 'user')) is not true then
        raise exception 'unknown role of an invitation: %', coalesce(p_role, 'null')
            using errcode = 'invalid_parameter_value', hint = 'Use admin or user.';
    end if;
    if (p_expires_in > interval '0' and p_expires_in <= interval '30 days') is not true then
        raise exception 'an invitation must expire after more than 0 and at most 30 days, not %',
            coalesce(p_expires_in::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    if (p_max_uses between 1 and case when v_address is null then 1000 else 1 end) is not true then
        raise exception 'an open link has 1 to 1000 uses, and an address has 1, not %',
            coalesce(p_max_uses::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    if exists (
        select
        from public.users u
        where u.tenant_id = v_caller.tenant_id and u.email = v_address and u.left_at is null
    ) then
        raise exception 'the tenant has a member with this address already'
            using
                errcode = 'unique_violation',
                hint = 'Activate the member, if they are deactivated.';
    end if;
    update public.invitations i
    set revoked_at = now()
    where
        i.tenant_id = v_caller.tenant_id
        and i.email = v_address
        and i.accepted_at is null
        and i.revoked_at is null
        and i.expires_at <= now();
    if exists (
        select
        from public.invitations i
        where
            i.tenant_id = v_caller.tenant_id
            and i.email = v_address
            and i.accepted_at is null
            and i.revoked_at is null
    ) then
        raise exception 'the address has a pending invitation already'
            using errcode = 'unique_violation', hint = 'Send the pending invitation again, for a new token.';
    end if;
    perform private.refuse_without_seat(v_caller.tenant_id);
    perform private.refuse_too_many_invitations(v_caller.tenant_id);
    insert into public.invitations (tenant_id, email, role, max_uses, invited_by, expires_at)
    values (
        v_caller.tenant_id, v_address, p_role, p_max_uses, v_caller.id,
        -- In seconds, because a day has 25 hours in some time zones.
        now() + make_interval(secs => extract(epoch from p_expires_in))
    )
    returning invitations.id into v_id;
    return query select v_id, private.create_token(v_caller.tenant_id, v_id);
end
$$;

comment on function private.create_invitation(text, text, interval, integer) is
    'Does the work of public.create_invitation().';

create function private.find_invitation(p_caller private.membership, p_id uuid)
returns public.invitations
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_invitation public.invitations;
begin
    select i.*
    into v_invitation
    from public.invitations i
    where i.id = p_id and i.tenant_id = p_caller.tenant_id;
    if not found then
        raise exception 'invitation not found'
            using
                errcode = 'no_data_found',
                hint = 'Pass the id of an invitation to the tenant that the request is for.';
    end if;
    if v_invitation.accepted_at is not null or v_invitation.revoked_at is not null then
        raise exception 'the invitation is no longer pending'
            using
                errcode = 'object_not_in_prerequisite_state',
                hint = 'Create a new invitation.';
    end if;
    return v_invitation;
end
$$;

comment on function private.find_invitation(private.membership, uuid) is
    'Returns an invitation of the caller''s tenant that is neither accepted nor revoked. Fails with '
    'P0002 if there is no such invitation, and with 55000 if it is accepted or revoked.';

create function private.resend_invitation(p_id uuid)
returns text
language plpgsql
volatile
-- Definer: members cannot write invitations.
security definer
set search_path = ''
as $$
declare
    v_caller private.membership = private.lock_tenant_of_caller(array['owner', 'admin']);
    v_invitation public.invitations = private.find_invitation(v_caller, p_id);
begin
    perform private.refuse_too_many_invitations(v_caller.tenant_id);
    update public.invitations i
    set
        expires_at = now() + make_interval(secs => extract(epoch from i.expires_at - i.last_sent_at)),
        last_sent_at = now(),
        sent_count = i.sent_count + 1,
        invited_by = v_caller.id
    where i.id = v_invitation.id and i.tenant_id = v_invitation.tenant_id;
    return private.create_token(v_invitation.tenant_id, v_invitation.id);
end
$$;

comment on function private.resend_invitation(uuid) is
    'Does the work of public.resend_invitation().';

create function private.revoke_invitation(p_id uuid)
returns void
language plpgsql
volatile
-- Definer: members cannot write invitations.
security definer
set search_path = ''
as $$
declare
    v_caller private.membership = private.lock_tenant_of_caller(array['owner', 'admin']);
    v_invitation public.invitations = private.find_invitation(v_caller, p_id);
begin
    update public.invitations i
    set revoked_at = now()
    where i.id = v_invitation.id and i.tenant_id = v_invitation.tenant_id;
end
$$;

comment on function private.revoke_invitation(uuid) is
    'Does the work of public.revoke_invitation().';

create function private.preview_invitation(p_token text)
returns table (
    tenant_id uuid, tenant_name text, role text, email text, invited_by text, expires_at timestamptz
)
language plpgsql
stable
-- Definer: the caller is no member of the tenant yet.
security definer
set search_path = ''
as $$
declare
    v_invitation public.invitations = private.invitation_of_token(p_token);
begin
    -- Skip the check for a member, because their own accept may have used the invitation up.
    if (private.membership_in(v_invitation.tenant_id)).id is null then
        perform private.refuse_invitation(v_invitation);
    end if;
    return query
    select
        t.id, t.name, v_invitation.role, v_invitation.email,
        (
            select coalesce(u.name, u.email)
            from public.users u
            where u.id = v_invitation.invited_by and u.tenant_id = v_invitation.tenant_id
        ),
        v_invitation.expires_at
    from public.tenants t
    where t.id = v_invitation.tenant_id;
end
$$;

comment on function private.preview_invitation(text) is
    'Does the work of public.preview_invitation().';

create function private.accept_invitation(p_token text)
returns public.users
language plpgsql
volatile
-- Definer: the caller is no member of the tenant yet.
security definer
set search_path = ''
as $$
declare
    v_invitation public.invitations = private.invitation_of_token(p_token);
    v_member public.users = private.membership_in(v_invitation.tenant_id);
begin
    -- Before the lock, so that a member cannot hold it by repeating the call.
    if v_member.id is not null then
        return v_member;
    end if;
    perform private.lock_tenant_of_token(p_token);
    -- Read both again: another transaction may have changed them while this one waited.
    v_invitation = private.invitation_of_token(p_token);
    v_member = private.membership_in(v_invitation.tenant_id);
    if v_member.id is not null then
        return v_member;
    end if;
    perform private.refuse_invitation(v_invitation);
    perform private.refuse_without_seat(v_invitation.tenant_id);
    v_member = private.join_tenant(v_invitation);
    update public.invitations i
    set
        uses = i.uses + 1,
        accepted_at = case when i.uses + 1 = i.max_uses then now() end
    where i.id = v_invitation.id and i.tenant_id = v_invitation.tenant_id;
    return v_member;
end
$$;

comment on function private.accept_invitation(text) is
    'Does the work of public.accept_invitation().';

create function private.decline_invitation(p_token text)
returns void
language plpgsql
volatile
-- Definer: the caller is no member of the tenant.
security definer
set search_path = ''
as $$
declare
    v_invitation public.invitations;
begin
    perform private.lock_tenant_of_token(p_token);
    v_invitation = private.invitation_of_token(p_token);
    perform private.refuse_invitation(v_invitation);
    -- An open link stays valid for others.
    update public.invitations i
    set revoked_at = now()
    where
        i.id = v_invitation.id and i.tenant_id = v_invitation.tenant_id and i.email is not null;
end
$$;

comment on function private.decline_invitation(text) is
    'Does the work of public.decline_invitation().';

create function public.create_invitation(
    p_email text default null,
    p_role text default 'user',
    p_expires_in interval default '7 days',
    p_max_uses integer default 1
)
returns table (id uuid, token text)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    return query
    select * from private.create_invitation(p_email, p_role, p_expires_in, p_max_uses);
end
$$;

comment on function public.create_invitation(text, text, interval, integer) is
    'Invites an email address to the caller''s tenant. Without p_email, creates an open link that '
    'everybody with the token can use. p_role is admin or user, p_expires_in at most 30 days, '
    'p_max_uses 1 to 1000 for an open link. Returns the token, which is stored nowhere: put it into '
    'the link that you send. The invitation is valid only while the caller stays an active owner or '
    'admin. For owners and admins. Fails with 42501 for other callers, 23505 if the address has a '
    'membership or a pending invitation, 22023 and 23514 for invalid values, and PT429 if all seats are taken or the tenant '
    'has sent too many invitations in 24 hours.';

create function public.resend_invitation(p_id uuid)
returns text
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    return private.resend_invitation(p_id);
end
$$;

comment on function public.resend_invitation(uuid) is
    'Returns a new token of an invitation. The old token is no longer valid, the time until the '
    'invitation expires starts again, and the caller becomes the inviter. For owners and admins. Fails with 42501 for other callers, '
    'P0002 for an unknown invitation, 55000 if it is accepted or revoked, and PT429 if the tenant '
    'has sent too many invitations in 24 hours.';

create function public.revoke_invitation(p_id uuid)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    perform private.revoke_invitation(p_id);
end
$$;

comment on function public.revoke_invitation(uuid) is
    'Makes the token of an invitation invalid. For owners and admins. Fails with 42501 for other '
    'callers, P0002 for an unknown invitation, and 55000 if it is accepted or revoked.';

create function public.preview_invitation(p_token text)
returns table (
    tenant_id uuid, tenant_name text, role text, email text, invited_by text, expires_at timestamptz
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return query select * from private.preview_invitation(p_token);
end
$$;

comment on function public.preview_invitation(text) is
    'Returns what the signed-in caller would accept: the tenant, the role, and who invited. email is '
    'null for an open link. Fails with the same codes as accept_invitation().';

create function public.accept_invitation(p_token text)
returns public.users
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    return private.accept_invitation(p_token);
end
$$;

comment on function public.accept_invitation(text) is
    'Makes the signed-in caller a member, and returns the membership. A former member gets their '
    'membership back. An active member gets the existing membership, and the number of uses stays '
    'the same. Fails with P0002 for a '
    'token that is unknown, used up, expired or revoked, 42501 if the invitation is for another '
    'address or the caller''s address is not confirmed, and PT429 if all seats are taken.';

create function public.decline_invitation(p_token text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    perform private.decline_invitation(p_token);
end
$$;

comment on function public.decline_invitation(text) is
    'Makes the token of an invitation to the caller''s address invalid. An open link stays valid for '
    'others. Fails with P0002 and 42501 in the same cases as accept_invitation().';

revoke execute on function private.create_token(uuid, uuid) from public, anon, authenticated;
revoke execute on function private.refuse_too_many_invitations(uuid)
    from public, anon, authenticated;
revoke execute on function private.confirmed_address_of_caller() from public, anon, authenticated;
revoke execute on function private.lock_tenant_of_token(text) from public, anon, authenticated;
revoke execute on function private.invitation_of_token(text) from public, anon, authenticated;
revoke execute on function private.membership_in(uuid) from public, anon, authenticated;
revoke execute on function private.refuse_invitation(public.invitations)
    from public, anon, authenticated;
revoke execute on function private.join_tenant(public.invitations)
    from public, anon, authenticated;
revoke execute on function private.find_invitation(private.membership, uuid)
    from public, anon, authenticated;
revoke execute on function private.create_invitation(text, text, interval, integer)
    from public, anon, authenticated;
revoke execute on function private.resend_invitation(uuid) from public, anon, authenticated;
revoke execute on function private.revoke_invitation(uuid) from public, anon, authenticated;
revoke execute on function private.preview_invitation(text) from public, anon, authenticated;
revoke execute on function private.accept_invitation(text) from public, anon, authenticated;
revoke execute on function private.decline_invitation(text) from public, anon, authenticated;
grant execute on function private.create_invitation(text, text, interval, integer)
    to authenticated, service_role;
grant execute on function private.resend_invitation(uuid) to authenticated, service_role;
grant execute on function private.revoke_invitation(uuid) to authenticated, service_role;
grant execute on function private.preview_invitation(text) to authenticated, service_role;
grant execute on function private.accept_invitation(text) to authenticated, service_role;
grant execute on function private.decline_invitation(text) to authenticated, service_role;

revoke execute on function public.create_invitation(text, text, interval, integer)
    from public, anon, authenticated, service_role;
revoke execute on function public.resend_invitation(uuid)
    from public, anon, authenticated, service_role;
revoke execute on function public.revoke_invitation(uuid)
    from public, anon, authenticated, service_role;
revoke execute on function public.preview_invitation(text)
    from public, anon, authenticated, service_role;
revoke execute on function public.accept_invitation(text)
    from public, anon, authenticated, service_role;
revoke execute on function public.decline_invitation(text)
    from public, anon, authenticated, service_role;
grant execute on function public.create_invitation(text, text, interval, integer)
    to authenticated, service_role;
grant execute on function public.resend_invitation(uuid) to authenticated, service_role;
grant execute on function public.revoke_invitation(uuid) to authenticated, service_role;
grant execute on function public.preview_invitation(text) to authenticated, service_role;
grant execute on function public.accept_invitation(text) to authenticated, service_role;
grant execute on function public.decline_invitation(text) to authenticated, service_role;

create trigger trigger_invitations_record_change
    after insert or update or delete on public.invitations
    for each row execute function private.record_change('tenant_id');

create policy invitations_select_admin on public.invitations
    for select to authenticated
    using (
        tenant_id = (select private.current_tenant_id()) and (select private.is_tenant_admin())
    );

revoke all on table private.invitation_tokens from public, anon, authenticated, service_role;

revoke all on table public.invitations from public, anon, authenticated, service_role;
grant select (
    id, tenant_id, email, role, max_uses, uses, invited_by, expires_at, accepted_at, revoked_at,
    last_sent_at, sent_count, created_at
) on table public.invitations to authenticated;
grant all on table public.invitations to service_role;
