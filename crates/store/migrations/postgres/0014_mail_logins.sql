-- How to log in to mailboxes that somebody has made by hand, sealed.
ALTER TABLE domains ADD COLUMN mail_logins TEXT COLLATE "C";
