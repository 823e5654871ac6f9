-- Rolls back 20261121000220_link_accounts. No data goes: memberships keep the accounts that they have.
--
-- Locks: access exclusive on users and auth.users, until the end of the transaction, while nobody signs
-- in.

set local lock_timeout = '5s';

drop trigger trigger_users_link_account on public.users;

-- Takes the trigger on auth.users along: the table has another owner, who alone could drop it by name.
drop function private.link_account_to_membership() cascade;
drop function private.link_membership_to_account();
drop function private.link_membership(uuid, text);
