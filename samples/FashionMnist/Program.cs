using System.CommandLine;
using Flambeau.Samples.FashionMnist;

// dotnet run -c Release --project samples/FashionMnist [-- options]
Option<string> data = new("--data") { Description = "Which images to learn from: 'embedded' (12,000, part of this sample) or 'full' (70,000: Debian's package, or a download).", DefaultValueFactory = _ => "embedded" };
data.AcceptOnlyFromAmong("embedded", "full");
Option<int> epochs = Positive("--epochs", "How often the training images are gone through.", 12);
Option<int> batchSize = Positive("--batch-size", "How many images are learned from at once.", 64);
Option<double> rate = new("--lr") { Description = "The highest learning rate of the one-cycle schedule.", DefaultValueFactory = _ => 4e-3 };
rate.Validators.Add(r => { if (!(r.GetValueOrDefault<double>() > 0)) r.AddError("--lr must be a positive number."); });
Option<long> seed = new("--seed") { Description = "Where chance begins: the same seed gives the same weights, bit for bit, on any number of threads.", DefaultValueFactory = _ => 0L };
Option<int> threads = Positive("--threads", "How many threads compute.", Environment.ProcessorCount);
Option<int> workers = new("--workers") { Description = "How many batches are prepared ahead on other threads.", DefaultValueFactory = _ => 1 };
workers.Validators.Add(r => { if (r.GetValueOrDefault<int>() < 0) r.AddError("--workers must not be negative."); });
Option<string> output = new("--output") { Description = "The folder in which a run gets its own.", DefaultValueFactory = _ => "runs" };
Option<string?> resume = new("--resume") { Description = "The folder of a run that was stopped: it goes on where its checkpoint stands, with the options it was started with." };
Option<double> every = new("--checkpoint-every") { Description = "Seconds between checkpoints within an epoch.", DefaultValueFactory = _ => 15.0 };

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
    Console.Error.WriteLine($"{parsed.Errors[0].Message} See --help.");
    return 2;
}
return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

static Option<int> Positive(string name, string description, int value)
{
    Option<int> o = new(name) { Description = description, DefaultValueFactory = _ => value };
    o.Validators.Add(r => { if (r.GetValueOrDefault<int>() <= 0) r.AddError($"{name} must be a positive number."); });
    return o;
}
