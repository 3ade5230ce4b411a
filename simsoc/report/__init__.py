"""Pictures made from run logs."""
