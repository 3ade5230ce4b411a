"""A small town: people with homes and routines move, perceive, meet, talk and pass news on (methods.md section 1)."""
