//! planner: projects a domain into designs, sizes them, tries them and keeps what works; never prints.
