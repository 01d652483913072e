using System.CommandLine;
using System.Globalization;
using System.Numerics;
using Flambeau.Samples.FashionMnist;

// dotnet run -c Release --project samples/FashionMnist [-- options]
Option<string> data = new("--data") { Description = "Which images to learn from: 'embedded' (12,000, part of this sample) or 'full' (70,000: Debian's package, or a download).", DefaultValueFactory = _ => "embedded" };
data.AcceptOnlyFromAmong("embedded", "full");
Option<int> epochs = Positive("--epochs", "How often the training images are gone through.", 12);
Option<int> batchSize = Positive("--batch-size", "How many images are learned from at once.", 64);
Option<double> rate = Number("--lr", "The highest learning rate of the one-cycle schedule.", 4e-3, v => v > 0, "a positive number");
Option<long> seed = Number("--seed", "Where chance begins: the same seed gives the same weights, bit for bit, on any number of threads.", 0L, _ => true, "a whole number");
Option<int> threads = Positive("--threads", "How many threads compute.", Environment.ProcessorCount);
Option<int> workers = Number("--workers", "How many batches are prepared ahead on other threads.", 1, v => v >= 0, "a whole number, at least 0");
Option<string> output = new("--output") { Description = "The folder in which a run gets its own.", DefaultValueFactory = _ => "runs" };
Option<string?> resume = new("--resume") { Description = "The folder of a run that was stopped: it goes on where its checkpoint stands, with the options it was started with." };
Option<double> every = Number("--checkpoint-every", "Seconds between checkpoints within an epoch.", 15.0, v => v >= 0, "a number of seconds");

RootCommand root = new("Trains a convolutional network on Fashion-MNIST, and leaves checkpoint, log, curves, confusion matrix and a sheet of its errors in runs/<time>/.")
{
    data, epochs, batchSize, rate, seed, threads, workers, output, resume, every,
};
root.SetAction((p, cancellation) => Commands.TrainAsync(new(
    p.GetValue(data)!, p.GetValue(epochs), p.GetValue(batchSize), p.GetValue(rate), p.GetValue(seed), p.GetValue(threads), p.GetValue(workers),
    p.GetValue(output)!, p.GetValue(resume), p.GetValue(every)), cancellation));

Argument<string> run = new("run") { Description = "The folder of a finished run, such as runs/2026-01-31-120000." };
Argument<string> image = new("image") { Description = "A PNG, JPEG, BMP or GIF picture of any size: a garment on a light or dark ground." };
Command predict = new("predict", "Says what a picture shows.") { run, image };
predict.SetAction(p => Commands.Predict(p.GetValue(run)!, p.GetValue(image)!));
root.Subcommands.Add(predict);

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    Console.Error.WriteLine($"{string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))} See --help.");
    return 2;
}
return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

static Option<int> Positive(string name, string description, int value) => Number(name, description, value, v => v > 0, "a positive whole number");

static Option<T> Number<T>(string name, string description, T value, Func<T, bool> fits, string rule) where T : INumber<T> => new(name)
{
    Description = description,
    DefaultValueFactory = _ => value,
    CustomParser = r =>
    {
        if (T.TryParse(r.Tokens[0].Value, CultureInfo.InvariantCulture, out T? v) && fits(v)) return v;
        r.AddError($"{name} must be {rule}, not '{r.Tokens[0].Value}'.");
        return value;
    },
};
