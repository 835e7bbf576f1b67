import ArgumentParser
import ConvertCommand

ConvertCommand.main()
