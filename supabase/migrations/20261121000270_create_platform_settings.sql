-- The settings of the project for what signed-in people may do by themselves. The owner of the
-- database changes them with SQL:
--
--     update private.platform_settings set self_service_tenants = false;
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

create table private.platform_settings (
    id boolean not null default true,
    self_service_tenants boolean not null default true,
    tenants_per_account integer not null default 10,
    invitations_per_day integer not null default 100,
    constraint platform_settings_pkey primary key (id),
    constraint platform_settings_is_one_row_check check (id),
    constraint platform_settings_tenants_per_account_is_not_negative_check
        check (tenants_per_account >= 0),
    constraint platform_settings_invitations_per_day_is_not_negative_check
        check (invitations_per_day >= 0)
);

comment on table private.platform_settings is
    'One row: what signed-in people may do without the backend.';
comment on column private.platform_settings.self_service_tenants is
    'Whether an account with a confirmed address can create tenants.';
comment on column private.platform_settings.tenants_per_account is
    'An account that owns this many tenants cannot create another.';
comment on column private.platform_settings.invitations_per_day is
    'Most invitations that a tenant sends in 24 hours. Each resend counts as one more.';

insert into private.platform_settings default values;

revoke all on table private.platform_settings from public, anon, authenticated, service_role;
