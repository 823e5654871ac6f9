-- Managing members: roles, deactivation, removal, leaving and handing over, all for the tenant that
-- the request is for. Each function in public calls the function of the same name in private, which
-- runs with its owner's rights and checks the caller's.
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

create function private.lock_tenant_of_caller(p_roles text[])
returns private.membership
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_caller private.membership = private.current_membership();
begin
    perform from public.tenants t where t.id = v_caller.tenant_id for no key update;
    -- Read again: another transaction may have changed the role while this one waited.
    select u.id, u.tenant_id, u.role
    into v_caller
    from public.users u
    join public.tenants t on t.id = u.tenant_id
    where
        u.id = v_caller.id
        and u.tenant_id = v_caller.tenant_id
        and u.role = any (p_roles)
        and u.is_active
        and t.is_active;
    if not found then
        if 'user' = any (p_roles) then
            raise exception 'the caller is not a member of the tenant'
                using
                    errcode = 'insufficient_privilege',
                    hint = 'Call list_my_tenants() for the tenants of the caller.';
        end if;
        raise exception 'only an % of an active tenant can do this',
            array_to_string(p_roles, ' or ')
            using
                errcode = 'insufficient_privilege',
                hint = 'Call list_my_tenants() for the roles of the caller.';
    end if;
    return v_caller;
end
$$;

comment on function private.lock_tenant_of_caller(text[]) is
    'Returns the membership of the caller that the request is for. Changes to the members and '
    'invitations of the tenant then wait until this transaction ends. Fails with 42501 if the '
    'caller has none of the roles.';

create function private.find_member(p_caller private.membership, p_user_id uuid)
returns public.users
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_member public.users;
begin
    select u.*
    into v_member
    from public.users u
    where u.id = p_user_id and u.tenant_id = p_caller.tenant_id and u.left_at is null;
    if not found then
        raise exception 'member not found'
            using
                errcode = 'no_data_found',
                hint = 'Pass the id of a member of the tenant that the request is for.';
    end if;
    if v_member.role = 'owner' and p_caller.role <> 'owner' then
        raise exception 'only an owner can change the membership of an owner'
            using errcode = 'insufficient_privilege';
    end if;
    return v_member;
end
$$;

comment on function private.find_member(private.membership, uuid) is
    'Returns the membership in the caller''s tenant that the caller wants to change. Fails with '
    'P0002 if there is none, and with 42501 if the member is an owner and the caller is not.';

create function private.refuse_without_seat(p_tenant_id uuid)
returns void
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_seats integer = (select t.seat_limit from public.tenants t where t.id = p_tenant_id);
begin
    if (
        select count(*) from public.users u where u.tenant_id = p_tenant_id and u.is_active
    ) >= v_seats
    then
        raise exception 'all seats of the tenant are taken'
            using
                errcode = 'PT429',
                detail = format('The tenant has %s seats.', v_seats),
                hint = 'Remove or deactivate a member first.';
    end if;
end
$$;

comment on function private.refuse_without_seat(uuid) is
    'Fails with PT429 if the tenant has as many active memberships as seats. The caller must have '
    'locked the tenant.';

create function private.set_member_role(p_user_id uuid, p_role text)
returns void
language plpgsql
volatile
-- Definer: members cannot write roles.
security definer
set search_path = ''
as $$
declare
    v_caller private.membership = private.lock_tenant_of_caller(array['owner', 'admin']);
    v_member public.users = private.find_member(v_caller, p_user_id);
begin
    if (p_role in ('owner', 'admin', 'user')) is not true then
        raise exception 'unknown role: %', coalesce(p_role, 'null')
            using errcode = 'invalid_parameter_value', hint = 'Use owner, admin or user.';
    end if;
    if p_role = 'owner' and v_caller.role <> 'owner' then
        raise exception 'only an owner can make a member an owner'
            using errcode = 'insufficient_privilege';
    end if;
    update public.users u
    set role = p_role
    where u.id = v_member.id and u.tenant_id = v_member.tenant_id and u.role <> p_role;
end
$$;

comment on function private.set_member_role(uuid, text) is
    'Does the work of public.set_member_role().';

create function private.set_member_active(p_user_id uuid, p_is_active boolean)
returns void
language plpgsql
volatile
-- Definer: members cannot write is_active.
security definer
set search_path = ''
as $$
declare
    v_caller private.membership = private.lock_tenant_of_caller(array['owner', 'admin']);
    v_member public.users = private.find_member(v_caller, p_user_id);
begin
    if p_is_active is null then
        raise exception 'p_is_active must be true or false'
            using errcode = 'invalid_parameter_value';
    end if;
    if p_is_active and not v_member.is_active then
        perform private.refuse_without_seat(v_caller.tenant_id);
    end if;
    update public.users u
    set
        is_active = p_is_active,
        -- An activated membership counts as new, so that requests without a header keep their tenant.
        created_at = case when p_is_active then now() else u.created_at end
    where
        u.id = v_member.id and u.tenant_id = v_member.tenant_id and u.is_active <> p_is_active;
end
$$;

comment on function private.set_member_active(uuid, boolean) is
    'Does the work of public.set_member_active().';

create function private.end_membership(p_member private.membership)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    update public.users u
    set
        auth_id = null,
        former_auth_id = u.auth_id,
        is_active = false,
        is_default = false,
        left_at = now()
    where u.id = p_member.id and u.tenant_id = p_member.tenant_id;
end
$$;

comment on function private.end_membership(private.membership) is
    'Makes a member a former member: inactive, with the time in left_at, and with the account in '
    'former_auth_id instead of auth_id.';

create function private.remove_member(p_user_id uuid)
returns void
language plpgsql
volatile
-- Definer: members cannot write memberships.
security definer
set search_path = ''
as $$
declare
    v_caller private.membership = private.lock_tenant_of_caller(array['owner', 'admin']);
    v_member public.users = private.find_member(v_caller, p_user_id);
begin
    perform private.end_membership((v_member.id, v_member.tenant_id, v_member.role));
end
$$;

comment on function private.remove_member(uuid) is 'Does the work of public.remove_member().';

create function private.leave_tenant()
returns void
language plpgsql
volatile
-- Definer: members cannot write memberships.
security definer
set search_path = ''
as $$
begin
    perform private.end_membership(
        private.lock_tenant_of_caller(array['owner', 'admin', 'user'])
    );
end
$$;

comment on function private.leave_tenant() is 'Does the work of public.leave_tenant().';

create function private.transfer_ownership(p_user_id uuid, p_then text)
returns void
language plpgsql
volatile
-- Definer: members cannot write roles.
security definer
set search_path = ''
as $$
declare
    v_caller private.membership = private.lock_tenant_of_caller(array['owner']);
    v_member public.users = private.find_member(v_caller, p_user_id);
begin
    if (p_then in ('admin', 'user')) is not true then
        raise exception 'unknown role after a transfer: %', coalesce(p_then, 'null')
            using errcode = 'invalid_parameter_value', hint = 'Use admin or user.';
    end if;
    if v_member.id = v_caller.id then
        raise exception 'cannot transfer the ownership to the caller'
            using errcode = 'invalid_parameter_value', hint = 'Pass the id of another member.';
    end if;
    if v_member.auth_id is null or not v_member.is_active then
        raise exception 'the new owner cannot sign in to the tenant'
            using errcode = 'no_data_found', hint = 'Pass the id of an active member.';
    end if;
    update public.users u
    set role = 'owner'
    where u.id = v_member.id and u.tenant_id = v_member.tenant_id and u.role <> 'owner';
    update public.users u
    set role = p_then
    where u.id = v_caller.id and u.tenant_id = v_caller.tenant_id;
end
$$;

comment on function private.transfer_ownership(uuid, text) is
    'Does the work of public.transfer_ownership().';

create function public.set_member_role(p_user_id uuid, p_role text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    perform private.set_member_role(p_user_id, p_role);
end
$$;

comment on function public.set_member_role(uuid, text) is
    'Gives a member (users.id) of the caller''s tenant the role owner, admin or user. For owners and '
    'admins; only owners can make or change an owner. Fails with 42501 for other callers, P0002 for '
    'an unknown or former member, 22023 for an unknown role, and 55000 for the last owner.';

create function public.set_member_active(p_user_id uuid, p_is_active boolean)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    perform private.set_member_active(p_user_id, p_is_active);
end
$$;

comment on function public.set_member_active(uuid, boolean) is
    'Deactivates a member (users.id) of the caller''s tenant, or activates them again. For owners '
    'and admins; only owners can change an owner. Fails with 42501 for other callers, P0002 for an '
    'unknown or former member, 55000 for the last owner, and PT429 if all seats are taken.';

create function public.remove_member(p_user_id uuid)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    perform private.remove_member(p_user_id);
end
$$;

comment on function public.remove_member(uuid) is
    'Removes a member (users.id) from the caller''s tenant. The row stays with the time in left_at, '
    'because usage and conversations refer to it. For owners and admins; only owners can remove an '
    'owner. Fails with 42501 for other callers, P0002 for an unknown or former member, and 55000 '
    'for the last owner.';

create function public.leave_tenant()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    perform private.leave_tenant();
end
$$;

comment on function public.leave_tenant() is
    'Ends the caller''s membership in the tenant that the request is for. Fails with 42501 for a '
    'caller without membership, and with 55000 for the last owner.';

create function public.transfer_ownership(p_user_id uuid, p_then text default 'admin')
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    perform private.transfer_ownership(p_user_id, p_then);
end
$$;

comment on function public.transfer_ownership(uuid, text) is
    'Makes an active member (users.id) of the caller''s tenant an owner, and gives the caller the '
    'role p_then (admin or user). For owners. Fails with 42501 for other callers, P0002 if there is '
    'no such member with an account, and 22023 for another role or for the caller.';

revoke execute on function private.lock_tenant_of_caller(text[]) from public, anon, authenticated;
revoke execute on function private.find_member(private.membership, uuid)
    from public, anon, authenticated;
revoke execute on function private.refuse_without_seat(uuid) from public, anon, authenticated;
revoke execute on function private.end_membership(private.membership)
    from public, anon, authenticated;
revoke execute on function private.set_member_role(uuid, text) from public, anon, authenticated;
revoke execute on function private.set_member_active(uuid, boolean)
    from public, anon, authenticated;
revoke execute on function private.remove_member(uuid) from public, anon, authenticated;
revoke execute on function private.leave_tenant() from public, anon, authenticated;
revoke execute on function private.transfer_ownership(uuid, text) from public, anon, authenticated;
grant execute on function private.set_member_role(uuid, text) to authenticated, service_role;
grant execute on function private.set_member_active(uuid, boolean) to authenticated, service_role;
grant execute on function private.remove_member(uuid) to authenticated, service_role;
grant execute on function private.leave_tenant() to authenticated, service_role;
grant execute on function private.transfer_ownership(uuid, text) to authenticated, service_role;

revoke execute on function public.set_member_role(uuid, text)
    from public, anon, authenticated, service_role;
revoke execute on function public.set_member_active(uuid, boolean)
    from public, anon, authenticated, service_role;
revoke execute on function public.remove_member(uuid)
    from public, anon, authenticated, service_role;
revoke execute on function public.leave_tenant() from public, anon, authenticated, service_role;
revoke execute on function public.transfer_ownership(uuid, text)
    from public, anon, authenticated, service_role;
grant execute on function public.set_member_role(uuid, text) to authenticated, service_role;
grant execute on function public.set_member_active(uuid, boolean) to authenticated, service_role;
grant execute on function public.remove_member(uuid) to authenticated, service_role;
grant execute on function public.leave_tenant() to authenticated, service_role;
grant execute on function public.transfer_ownership(uuid, text) to authenticated, service_role;
