CREATE INDEX [ix_e_account_account_class] ON [e_account] ([account_class]);
CREATE INDEX [ix_e_account_name] ON [e_account] ([name]);
CREATE INDEX [ix_e_account_price_list_id] ON [e_account] ([price_list_id]);
CREATE INDEX [ix_e_account_stale] ON [e_account] (_n) WHERE _stale;
CREATE INDEX [ix_e_activity_account_id] ON [e_activity] ([account_id]);
CREATE INDEX [ix_e_activity_due_on] ON [e_activity] ([due_on]);
CREATE INDEX [ix_e_activity_period] ON [e_activity] ([period]);
CREATE INDEX [ix_e_activity_stale] ON [e_activity] (_n) WHERE _stale;
CREATE INDEX [ix_e_attachment_account_id] ON [e_attachment] ([account_id]);
CREATE INDEX [ix_e_attachment_activity_id] ON [e_attachment] ([activity_id]);
CREATE INDEX [ix_e_attachment_lead_id] ON [e_attachment] ([lead_id]);
CREATE INDEX [ix_e_attachment_sha256] ON [e_attachment] ([sha256]);
CREATE INDEX [ix_e_conflict_kind] ON [e_conflict] ([kind]);
CREATE INDEX [ix_e_conflict_state] ON [e_conflict] ([state]);
CREATE INDEX [ix_e_conflict_theirs_by] ON [e_conflict] ([theirs_by]);
CREATE INDEX [ix_e_contact__address] ON [e_contact] (lower(email));
CREATE INDEX [ix_e_contact_account_id] ON [e_contact] ([account_id]);
CREATE INDEX [ix_e_contact_name] ON [e_contact] ([name]);
CREATE INDEX [ix_e_contact_stale] ON [e_contact] (_n) WHERE _stale;
CREATE INDEX [ix_e_event_name] ON [e_event] ([name]);
CREATE INDEX [ix_e_event_stale] ON [e_event] (_n) WHERE _stale;
CREATE INDEX [ix_e_event_starts_on] ON [e_event] ([starts_on]);
CREATE INDEX [ix_e_feedback_answered_by] ON [e_feedback] ([answered_by]);
CREATE INDEX [ix_e_feedback_status] ON [e_feedback] ([status]);
CREATE INDEX [ix_e_lead__address] ON [e_lead] (lower(email));
CREATE INDEX [ix_e_lead__captured] ON [e_lead] (created_at, id);
CREATE INDEX [ix_e_lead_account_id] ON [e_lead] ([account_id]);
CREATE INDEX [ix_e_lead_contact_id] ON [e_lead] ([contact_id]);
CREATE INDEX [ix_e_lead_event_id] ON [e_lead] ([event_id]);
CREATE INDEX [ix_e_lead_grade] ON [e_lead] ([grade]);
CREATE INDEX [ix_e_lead_name] ON [e_lead] ([name]);
CREATE INDEX [ix_e_lead_next_step_on] ON [e_lead] ([next_step_on]);
CREATE INDEX [ix_e_lead_source_id] ON [e_lead] ([source_id]);
CREATE INDEX [ix_e_lead_stale] ON [e_lead] (_n) WHERE _stale;
CREATE INDEX [ix_e_lead_state] ON [e_lead] ([state]);
CREATE INDEX [ix_e_opportunity_account_id] ON [e_opportunity] ([account_id]);
CREATE INDEX [ix_e_opportunity_closed_at] ON [e_opportunity] ([closed_at]);
CREATE INDEX [ix_e_opportunity_contact_id] ON [e_opportunity] ([contact_id]);
CREATE INDEX [ix_e_opportunity_event_id] ON [e_opportunity] ([event_id]);
CREATE INDEX [ix_e_opportunity_expected_close] ON [e_opportunity] ([expected_close]);
CREATE INDEX [ix_e_opportunity_lead_id] ON [e_opportunity] ([lead_id]);
CREATE INDEX [ix_e_opportunity_lost_reason_id] ON [e_opportunity] ([lost_reason_id]);
CREATE INDEX [ix_e_opportunity_source_id] ON [e_opportunity] ([source_id]);
CREATE INDEX [ix_e_opportunity_stage_id] ON [e_opportunity] ([stage_id]);
CREATE INDEX [ix_e_opportunity_stale] ON [e_opportunity] (_n) WHERE _stale;
CREATE INDEX [ix_e_opportunity_state] ON [e_opportunity] ([state]);
CREATE INDEX [ix_e_opportunity_title] ON [e_opportunity] ([title]);
CREATE INDEX [ix_e_order__owner] ON [e_order] (owner_id);
CREATE INDEX [ix_e_order_account_id] ON [e_order] ([account_id]);
CREATE INDEX [ix_e_order_line_order_id] ON [e_order_line] ([order_id]);
CREATE INDEX [ix_e_order_line_period] ON [e_order_line] ([period]);
CREATE INDEX [ix_e_order_line_product_id] ON [e_order_line] ([product_id]);
CREATE INDEX [ix_e_order_number] ON [e_order] ([number]);
CREATE INDEX [ix_e_order_opportunity_id] ON [e_order] ([opportunity_id]);
CREATE INDEX [ix_e_order_ordered_at] ON [e_order] ([ordered_at]);
CREATE INDEX [ix_e_order_period] ON [e_order] ([period]);
CREATE INDEX [ix_e_order_price_list_id] ON [e_order] ([price_list_id]);
CREATE INDEX [ix_e_order_stale] ON [e_order] (_n) WHERE _stale;
CREATE INDEX [ix_e_order_state] ON [e_order] ([state]);
CREATE INDEX [ix_e_order_warehouse_id] ON [e_order] ([warehouse_id]);
CREATE INDEX [ix_e_price_price_list_id] ON [e_price] ([price_list_id]);
CREATE INDEX [ix_e_price_product_id] ON [e_price] ([product_id]);
CREATE INDEX [ix_e_product_category_id] ON [e_product] ([category_id]);
CREATE INDEX [ix_e_product_name] ON [e_product] ([name]);
CREATE INDEX [ix_e_product_stale] ON [e_product] (_n) WHERE _stale;
CREATE INDEX [ix_e_product_tax_id] ON [e_product] ([tax_id]);
CREATE INDEX [ix_e_quarantine_item_answering_team_id] ON [e_quarantine_item] ([answering_team_id]);
CREATE INDEX [ix_e_quarantine_item_author_id] ON [e_quarantine_item] ([author_id]);
CREATE INDEX [ix_e_quarantine_item_settled_by] ON [e_quarantine_item] ([settled_by]);
CREATE INDEX [ix_e_quarantine_item_state] ON [e_quarantine_item] ([state]);
CREATE INDEX [ix_e_reservation_order_id] ON [e_reservation] ([order_id]);
CREATE INDEX [ix_e_reservation_order_line_id] ON [e_reservation] ([order_line_id]);
CREATE INDEX [ix_e_reservation_period] ON [e_reservation] ([period]);
CREATE INDEX [ix_e_reservation_stock_level_id] ON [e_reservation] ([stock_level_id]);
CREATE INDEX [ix_e_reservation_waiting_for] ON [e_reservation] ([waiting_for]);
CREATE INDEX [ix_e_stage_change_from_stage_id] ON [e_stage_change] ([from_stage_id]);
CREATE INDEX [ix_e_stage_change_opportunity_id] ON [e_stage_change] ([opportunity_id]);
CREATE INDEX [ix_e_stage_change_seen_stage_id] ON [e_stage_change] ([seen_stage_id]);
CREATE INDEX [ix_e_stage_change_to_stage_id] ON [e_stage_change] ([to_stage_id]);
CREATE INDEX [ix_e_stock_lease_device_id] ON [e_stock_lease] ([device_id]);
CREATE INDEX [ix_e_stock_lease_held_on] ON [e_stock_lease] ([held_on]);
CREATE INDEX [ix_e_stock_lease_product_id] ON [e_stock_lease] ([product_id]);
CREATE INDEX [ix_e_stock_lease_stock_level_id] ON [e_stock_lease] ([stock_level_id]);
CREATE INDEX [ix_e_stock_lease_warehouse_id] ON [e_stock_lease] ([warehouse_id]);
CREATE INDEX [ix_e_stock_level_product_id] ON [e_stock_level] ([product_id]);
CREATE INDEX [ix_e_stock_level_warehouse_id] ON [e_stock_level] ([warehouse_id]);
CREATE INDEX [ix_e_stock_move_product_id] ON [e_stock_move] ([product_id]);
CREATE INDEX [ix_e_stock_move_stock_level_id] ON [e_stock_move] ([stock_level_id]);
CREATE INDEX [ix_e_user_home_team_id] ON [e_user] ([home_team_id]);
CREATE INDEX [ix_e_user_name] ON [e_user] ([name]);
CREATE INDEX [ix_e_user_stale] ON [e_user] (_n) WHERE _stale;
CREATE TABLE archive (
    tx_id TEXT PRIMARY KEY, payload BLOB NOT NULL, payload_hash TEXT NOT NULL, reason TEXT NOT NULL,
    archived_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE blob (
    sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, own INTEGER NOT NULL, problem TEXT NOT NULL, thumb BLOB,
    added_at INTEGER NOT NULL, used_at INTEGER NOT NULL
);
CREATE TABLE blob_piece (
    id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (sha256, n)
);
CREATE TABLE bucket (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE draft (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL, updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE [e_account] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [name] TEXT, [account_class] TEXT, [level] TEXT, [phone] TEXT, [city] TEXT, [address] TEXT, [industry] TEXT, [source] TEXT, [tax_number] TEXT, [bank_account] TEXT, [price_list_id] TEXT, [tags] TEXT, [notes] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_activity] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [period] TEXT, [account_id] TEXT, [channel] TEXT, [body] TEXT, [happened_at] INTEGER, [due_on] TEXT, [due_time] TEXT, [due_note] TEXT, [done_at] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_attachment] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [account_id] TEXT, [lead_id] TEXT, [activity_id] TEXT, [file_name] TEXT, [media_type] TEXT, [size] INTEGER, [sha256] TEXT, [width] INTEGER, [height] INTEGER, [seconds] INTEGER, [stored_at] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_category] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [name_en] TEXT, [position] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_conflict] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [kind] TEXT, [state] TEXT, [title] TEXT, [tx_id] TEXT, [entity] TEXT, [row_id] TEXT, [account_id] TEXT, [field] TEXT, [base] TEXT, [mine] TEXT, [theirs] TEXT, [mine_at] INTEGER, [mine_on] TEXT, [theirs_at] INTEGER, [theirs_by] TEXT, [theirs_on] TEXT, [code] TEXT, [params] TEXT, [payload] TEXT, [choice] TEXT, [resolved_at] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_contact] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [account_id] TEXT, [name] TEXT, [position] TEXT, [phone] TEXT, [email] TEXT, [wechat] TEXT, [notes] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_device] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [platform] TEXT, [last_seen_at] INTEGER, [revoked_at] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_event] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [name_en] TEXT, [venue] TEXT, [city] TEXT, [starts_on] TEXT, [ends_on] TEXT, [cost] INTEGER, [qualifiers] TEXT, [active] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_feedback] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [kind] TEXT, [text] TEXT, [screen] TEXT, [app_version] TEXT, [status] TEXT, [answer] TEXT, [answered_at] INTEGER, [answered_by] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_lead] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [name] TEXT, [phone] TEXT, [company] TEXT, [position] TEXT, [email] TEXT, [wechat] TEXT, [grade] TEXT, [state] TEXT, [source_id] TEXT, [event_id] TEXT, [answers] TEXT, [next_step_on] TEXT, [next_step] TEXT, [consent] INTEGER, [consent_at] INTEGER, [note] TEXT, [history] TEXT, [account_id] TEXT, [contact_id] TEXT, [opportunity_id] TEXT, [merged_into] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_lead_source] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [name_en] TEXT, [position] INTEGER, [active] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_lost_reason] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [name_en] TEXT, [position] INTEGER, [active] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_opportunity] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [account_id] TEXT, [title] TEXT, [contact_id] TEXT, [stage_id] TEXT, [amount] INTEGER, [probability] INTEGER, [expected_close] TEXT, [state] TEXT, [stage_since] INTEGER, [lost_reason_id] TEXT, [lost_note] TEXT, [closed_at] INTEGER, [note] TEXT, [source_id] TEXT, [event_id] TEXT, [lead_id] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_order] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [period] TEXT, [account_id] TEXT, [opportunity_id] TEXT, [number] TEXT, [state] TEXT, [shortage_policy] TEXT, [price_list_id] TEXT, [warehouse_id] TEXT, [discount] INTEGER, [currency] TEXT, [total] INTEGER, [tax_total] INTEGER, [units] INTEGER, [line_count] INTEGER, [ordered_at] INTEGER, [confirmed_at] INTEGER, [cancelled_at] INTEGER, [note] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_order_line] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [period] TEXT, [order_id] TEXT, [product_id] TEXT, [sku] TEXT, [name] TEXT, [position] INTEGER, [quantity] INTEGER, [unit_price] INTEGER, [discount] INTEGER, [tax_rate] INTEGER, [total] INTEGER, [state] TEXT, [reserved] INTEGER, [backordered] INTEGER, [leased] INTEGER, [lease_id] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_organisation] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [time_zone] TEXT, [currency] TEXT, [event_name] TEXT, [escalate_days] INTEGER, [demo] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_price] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [price_list_id] TEXT, [product_id] TEXT, [amount] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_price_list] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [name_en] TEXT, [is_default] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_product] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [sku] TEXT, [name] TEXT, [name_en] TEXT, [variant] TEXT, [variant_en] TEXT, [category_id] TEXT, [tax_id] TEXT, [unit] TEXT, [unit_en] TEXT, [step] INTEGER, [picture] TEXT, [description] TEXT, [description_en] TEXT, [active] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_quarantine_item] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [state] TEXT, [reason] TEXT, [code] TEXT, [title] TEXT, [tx_id] TEXT, [author_id] TEXT, [device_id] TEXT, [device_name] TEXT, [occurred_at] INTEGER, [entity] TEXT, [row_id] TEXT, [account_id] TEXT, [answering_team_id] TEXT, [touched] TEXT, [builds_on] TEXT, [written_under] INTEGER, [payload] TEXT, [arrived] TEXT, [note] TEXT, [settled_at] INTEGER, [settled_by] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_reservation] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [period] TEXT, [order_id] TEXT, [order_line_id] TEXT, [stock_level_id] TEXT, [quantity] INTEGER, [reserved] INTEGER, [backordered] INTEGER, [leased] INTEGER, [waiting_for] TEXT, [queue_position] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_stage] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [name_en] TEXT, [position] INTEGER, [probability] INTEGER, [kind] TEXT, [required_fields] TEXT, [active] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_stage_change] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [opportunity_id] TEXT, [action] TEXT, [from_stage_id] TEXT, [to_stage_id] TEXT, [at] INTEGER, [days] INTEGER, [seen_stage_id] TEXT, [reason] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_stock_lease] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [shared_with] TEXT, [stock_level_id] TEXT, [warehouse_id] TEXT, [product_id] TEXT, [event_name] TEXT, [state] TEXT, [quantity] INTEGER, [drawn] INTEGER, [returned] INTEGER, [expires_at] INTEGER, [device_id] TEXT, [device_name] TEXT, [device_gone_at] INTEGER, [held_on] TEXT, [ended_at] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_stock_level] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [warehouse_id] TEXT, [product_id] TEXT, [on_hand] INTEGER, [reserved] INTEGER, [backordered] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_stock_move] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [stock_level_id] TEXT, [product_id] TEXT, [reason] TEXT, [quantity] INTEGER, [note] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_tax] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [rate] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_team] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_user] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [login] TEXT, [role] TEXT, [home_team_id] TEXT, [phone] TEXT, [email] TEXT, [discount_limit] INTEGER, [active] INTEGER, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE [e_warehouse] (_n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, [org_id] TEXT, [owner_id] TEXT, [team_id] TEXT, [created_at] INTEGER, [created_by] TEXT, [updated_at] INTEGER, [updated_by] TEXT, [deleted_at] INTEGER, [deleted_tx] TEXT, [stamps] TEXT, [custom] TEXT, [name] TEXT, [name_en] TEXT, [rev] INTEGER NOT NULL DEFAULT 0, [_buckets] TEXT NOT NULL DEFAULT '', [_unknown] TEXT, [_search] TEXT, [_stale] INTEGER NOT NULL DEFAULT 1);
CREATE TABLE error_log (
    n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE TABLE filed (
    entity TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, PRIMARY KEY (entity, id)
) WITHOUT ROWID;
CREATE TABLE later_row (
    entity TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, _buckets TEXT NOT NULL, row BLOB NOT NULL,
    PRIMARY KEY (entity, id)
) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT, tx_id TEXT NOT NULL UNIQUE, payload BLOB NOT NULL,
    payload_hash TEXT NOT NULL, seq INTEGER, reads TEXT NOT NULL, writes TEXT NOT NULL,
    doubtful TEXT NOT NULL DEFAULT '', held TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL, again TEXT
);
CREATE TABLE removal (
    entity TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, put BLOB, PRIMARY KEY (entity, id)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE [s_account] USING fts5(tokens, tokenize='ascii', content='', detail=none, columnsize=0);
CREATE TABLE 's_account_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 's_account_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 's_account_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE VIRTUAL TABLE [s_activity] USING fts5(tokens, tokenize='ascii', content='', detail=none, columnsize=0);
CREATE TABLE 's_activity_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 's_activity_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 's_activity_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE VIRTUAL TABLE [s_contact] USING fts5(tokens, tokenize='ascii', content='', detail=none, columnsize=0);
CREATE TABLE 's_contact_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 's_contact_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 's_contact_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE VIRTUAL TABLE [s_event] USING fts5(tokens, tokenize='ascii', content='', detail=none, columnsize=0);
CREATE TABLE 's_event_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 's_event_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 's_event_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE VIRTUAL TABLE [s_lead] USING fts5(tokens, tokenize='ascii', content='', detail=none, columnsize=0);
CREATE TABLE 's_lead_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 's_lead_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 's_lead_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE VIRTUAL TABLE [s_opportunity] USING fts5(tokens, tokenize='ascii', content='', detail=none, columnsize=0);
CREATE TABLE 's_opportunity_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 's_opportunity_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 's_opportunity_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE VIRTUAL TABLE [s_order] USING fts5(tokens, tokenize='ascii', content='', detail=none, columnsize=0);
CREATE TABLE 's_order_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 's_order_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 's_order_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE VIRTUAL TABLE [s_product] USING fts5(tokens, tokenize='ascii', content='', detail=none, columnsize=0);
CREATE TABLE 's_product_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 's_product_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 's_product_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE VIRTUAL TABLE [s_user] USING fts5(tokens, tokenize='ascii', content='', detail=none, columnsize=0);
CREATE TABLE 's_user_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 's_user_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 's_user_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE sent_log (
    tx_id TEXT PRIMARY KEY, payload BLOB NOT NULL, payload_hash TEXT NOT NULL, install_id TEXT NOT NULL,
    seq INTEGER, status TEXT NOT NULL, problem TEXT, answered_at INTEGER NOT NULL, position INTEGER,
    reads TEXT NOT NULL DEFAULT '[]', writes TEXT NOT NULL DEFAULT '[]', dataset TEXT NOT NULL DEFAULT '',
    stamp INTEGER NOT NULL DEFAULT 0, given TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;
CREATE TABLE shadow (
    entity TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, row BLOB, PRIMARY KEY (entity, id)
) WITHOUT ROWID;
CREATE TABLE sqlite_sequence(name,seq);
CREATE TRIGGER archive_is_kept BEFORE DELETE ON archive
WHEN NOT EXISTS (SELECT 1 FROM outbox WHERE tx_id = OLD.tx_id AND payload_hash = OLD.payload_hash)
AND NOT EXISTS (SELECT 1 FROM sent_log WHERE tx_id = OLD.tx_id AND payload_hash = OLD.payload_hash)
BEGIN SELECT RAISE(ABORT, 'archived work is deleted only when it waits again or has an answer'); END;
CREATE TRIGGER outbox_is_kept BEFORE DELETE ON outbox
WHEN NOT EXISTS (SELECT 1 FROM sent_log WHERE tx_id = OLD.tx_id AND payload_hash = OLD.payload_hash)
AND NOT EXISTS (SELECT 1 FROM archive WHERE tx_id = OLD.tx_id AND payload_hash = OLD.payload_hash)
BEGIN SELECT RAISE(ABORT, 'unsent work leaves the outbox answered or archived'); END;
CREATE TRIGGER payload_is_kept BEFORE UPDATE OF tx_id, payload, payload_hash ON outbox
BEGIN SELECT RAISE(ABORT, 'the bytes of a transaction never change'); END;
