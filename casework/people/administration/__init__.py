"""Administration (机构管理): posts, certificates, delegations, and the log of their changes."""
