from helpdesk_bot.cli import main

main()
