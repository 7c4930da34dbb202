-- What the process has taken in can no longer be withdrawn: it may be carried out before it is answered.
ALTER TABLE app.request DROP CONSTRAINT request_state_check;
ALTER TABLE app.request ADD CONSTRAINT request_state_check
  CHECK (state IN ('pending', 'taken', 'accepted', 'refused', 'withdrawn'));
