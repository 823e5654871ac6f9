-- Rolls back 20261121000270_create_platform_settings. Deletes the settings.
--
-- Locks: none that blocks clients.

set local lock_timeout = '5s';

drop table private.platform_settings;
