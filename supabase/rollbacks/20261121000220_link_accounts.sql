-- Rolls back 20261121000220_link_accounts. No data is lost: memberships keep their accounts.
--
-- Locks: access exclusive on users and auth.users, until the end of the transaction, which blocks
-- sign-ins.

set local lock_timeout = '5s';

drop trigger trigger_users_link_account on public.users;
drop trigger trigger_users_relink_account on public.users;

-- Cascade to the triggers on auth.users, which only the owner of that table could drop by name.
drop function private.unlink_memberships_of_account() cascade;
drop function private.link_account_to_memberships() cascade;
drop function private.link_changed_membership();
drop function private.link_new_memberships();
drop function private.link_address(text);
drop function private.link_memberships(uuid, text);
drop function private.lock_addresses(text[]);
